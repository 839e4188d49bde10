// The version of losscope, which stands in every record. A file of its own: the command line needs nothing else to say it.

/** Version of losscope, recorded with every number. A test holds it equal to package.json. */
export const VERSION = '0.1.0';
