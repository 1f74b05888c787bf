export const LONG = [];
