// The bundled clips as their list has them.

/** What the groups of the bundled clips are, relative to the bundled model. */
export const GROUPS: Readonly<Record<string, string>> = {
  heldout: 'in the style of the training music, but held out',
  training: 'the model was trained on it',
  ood: 'out of style: made in another way than the training music',
};

/** One of the bundled clips, as their list has it. */
export interface DemoEntry {
  readonly file: string;
  /** One of GROUPS. */
  readonly group: string;
  readonly title: string;
}

/** The list of the bundled clips, read. @throws naming what is wrong in it. */
export function demoEntries(json: unknown): readonly DemoEntry[] {
  if (!Array.isArray(json)) throw new Error('the list of clips: expected an array');
  return json.map((entry, i) => {
    const { file, group, title }: Readonly<Record<string, unknown>> = entry ?? {};
    if (typeof file === 'string' && typeof title === 'string' && isGroup(group)) {
      return { file, group, title };
    }
    throw new Error(
      `the list of clips, entry ${i + 1}: expected file, title and a group (${Object.keys(GROUPS).join(', ')})`,
    );
  });
}

function isGroup(group: unknown): group is string {
  return typeof group === 'string' && Object.hasOwn(GROUPS, group);
}
