/** Every diagnostic code of loading, with the line the reference prints for it. */
export const runtimeCodes = {
  'load/stopping': 'A configuration was to be loaded while the program stops.',
  'load/unreadable': 'A configuration file or folder cannot be read.',
  'graph/unknown-component': 'There is no component or custom component of that name.',
  'graph/unsupported-component': 'The component exists in Alloy, but not here yet.',
  'graph/unsupported-block': 'The configuration block exists in Alloy, but not here yet.',
  'graph/missing-label': 'A component needs a label.',
  'graph/unexpected-label': 'A block takes no label, or the label is not valid for it.',
  'graph/duplicate-block': 'Two blocks have the same name and label.',
  'graph/unexpected-attribute': 'An attribute stands outside of all blocks.',
  'graph/misplaced-block': 'The block is not allowed in this place, such as `logging` in a module.',
  'graph/stability': 'A component or block is below the stability level that was asked for.',
  'graph/unknown-reference': 'A reference names a component that does not exist or is out of scope.',
  'graph/cycle': 'Components refer to each other in a circle.',
  'graph/unknown-argument': 'A module gets an argument that it does not define.',
  'graph/missing-argument': 'A required argument of a module is not given.',
  'graph/module': 'The content of a module cannot be used.',
  'graph/build': 'A component refuses its arguments, or cannot prepare what it exports.',
} as const;

export type RuntimeCode = keyof typeof runtimeCodes;
