/** A test: its file and words of its title. */
export type TestOf = readonly [file: string, title: string];

/** The file with the tests of the deployed definition that have this suffix. */
export const playbookTests = (suffix: string) => `test/playbook/get-o365-data${suffix}.test.ts`;
