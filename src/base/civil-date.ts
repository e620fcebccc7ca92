const secondsInDay = 86_400;

const daysBeforeMonth = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The number of days in a month, counted from 1. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The days of a common year before a month, counted from 1. */
export function daysBefore(month: number): number {
  return daysBeforeMonth[month] ?? 365;
}

/** Seconds from 1970 to the start of a day in UTC, by the Gregorian calendar, for years from 0 on. */
export function secondsAtDate(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  const inYear = daysBefore(month) + (month > 2 && isLeapYear(year) ? 1 : 0) + day - 1;
  return (past * 365 + leapDays + inYear - 719_162) * secondsInDay;
}
