export type Milliseconds = number;
