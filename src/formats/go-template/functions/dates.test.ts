import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('times are written in layouts and zones', () => {
  assertRenders([
    ['{{ dateInZone "2006-01-02T15:04:05Z07:00" (int64 1700000000) "America/New_York" }}', '2023-11-14T17:13:20-05:00'],
    ['{{ date_in_zone "Mon Jan _2 15:04:05 MST 2006" 1700000000 "Europe/Berlin" }}', 'Tue Nov 14 23:13:20 CET 2023'],
    ['{{ htmlDateInZone 0 "UTC" }}', '1970-01-01'],
    [
      '{{ dateInZone "3:04PM .000 -07 -0700 -07:00 02 __2 002 06 1 01 Monday Mon pm 03 4 5 15" 1700000000 "Asia/Kolkata" }}',
      '3:43AM .000 +05 +0530 +05:30 15 319 319 23 11 11 Wednesday Wed am 03 43 20 03',
    ],
    ['{{ dateInZone "MST" 1690000000 "America/New_York" }}', 'EDT'],
    ['{{ dateInZone "MST Z07:00" 1 "nowhere" }}', 'UTC Z'],
  ]);
});

test('times are read, changed and asked', () => {
  assertRenders([
    ['{{ toDate "2006-01-02 -0700" "2017-12-31 +0000" | unixEpoch }}', '1514678400'],
    ['{{ (toDate "2006-01-02T15:04:05.000Z07:00" "2017-12-31T01:02:03.456Z").UnixMilli }}', '1514682123456'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Year }}', '2017'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Month }}', 'December'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Weekday }}', 'Sunday'],
    ['{{ (toDate "2006-01-02" "2017-12-31").YearDay }}', '365'],
    ['{{ printf "%d" (toDate "2006-01-02" "2017-12-31").Month }}', '12'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Format "Jan _2" }}', 'Dec 31'],
    ['{{ ((toDate "2006-01-02" "2017-12-31").AddDate 0 2 1).Format "2006-01-02" }}', '2018-03-04'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Sub (toDate "2006-01-02" "2017-12-30") }}', '24h0m0s'],
    ['{{ ((toDate "2006-01-02" "2017-12-31").Sub (toDate "2006-01-02" "2017-12-30")).Hours }}', '24'],
    ['{{ (toDate "2006-01-02" "2017-12-31").After (toDate "2006-01-02" "2017-12-30") }}', 'true'],
    ['{{ (toDate "2006-01-02" "bad").IsZero }}', 'true'],
    ['{{ toDate "2006-01-02" "bad" }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ (dateModify "-1.5h" (toDate "2006-01-02 15:04" "2017-12-31 01:00")).Format "02 15:04" }}', '30 23:30'],
    ['{{ (dateModify "x" (toDate "2006-01-02" "2017-12-31")).Year }}', '2017'],
    ['{{ (toDate "15:04" "10:30").Format "2006 15:04" }}', '0000 10:30'],
    ['{{ (toDate "2006-01-02" "2017-12-31").UTC.IsZero }}', 'false'],
    ['{{ eq (toDate "2006-01-02" "2017-12-31").Day 31 }}', 'true'],
  ]);
  assertFails([
    ['{{ mustDateModify "x" now }}', 'error calling mustDateModify: time: invalid duration "x"'],
    ['{{ (toDate "2006-01-02" "2017-12-31").Nope }}', "can't evaluate field Nope in type time.Time"],
  ]);
});

test('durations', () => {
  assertRenders([
    ['{{ duration "95" }}', '1m35s'],
    ['{{ duration (int64 95) }}', '1m35s'],
    ['{{ duration 95 }}', '0s'],
    ['{{ duration "-5" }}', '-5s'],
    ['{{ durationRound "2h10m5s" }}', '2h'],
    ['{{ durationRound (int64 5000000000) }}', '5s'],
    ['{{ durationRound "2400h10m5s" }}', '3mo'],
    ['{{ durationRound "x" }}', '0s'],
    ['{{ durationRound "-3h5m" }}', '3h'],
    ['{{ now | ago }}', '0s'],
    ['{{ durationRound now }}', '0s'],
  ]);
});
