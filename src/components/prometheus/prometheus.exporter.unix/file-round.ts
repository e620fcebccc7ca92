/** What the files of one exporter have in common. */
export interface FileRound {
  /** The number of the scrape. */
  scrape: number;
  /**
   * The scrape since which no device and no module has come, gone or got another name: what was found missing or listed
   * then or later is still so. Infinite if something just has, or nobody knows.
   */
  unchangedSince: number;
  /** How many files stay open. */
  open: number;
  /** How many may; none once the exporter is closed. The others are opened each time they are read. */
  maxOpen: number;
}
