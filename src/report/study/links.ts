// Points of figures as links to the clips behind them. A figure that stands alone, as a file, has none.

import { ALL_GROUPS, type Slice } from '../../analysis/point.js';
import { cellsAddress } from '../view/address.js';

/** The cells of a point, or one clip's among them; without a variant, of all disturbances. */
export function linkOf(
  {
    model,
    protocol,
    group,
    variant,
  }: Pick<Slice, 'model' | 'protocol' | 'group'> & { readonly variant?: string | null },
  sound?: string,
): string {
  return cellsAddress({
    ...{ model, protocol },
    ...(variant ? { disturbance: variant } : {}),
    ...(group === ALL_GROUPS ? {} : { group }),
    ...(sound === undefined ? {} : { sound }),
  });
}

/** What a mark of Plot needs to be a link: an address, and a name that says where it leads. */
export const LINKED = {
  href: 'link',
  title: ({ link, linkName }: { readonly link?: string; readonly linkName?: string }) =>
    link === undefined ? undefined : `hear ${linkName ?? 'its clips'}`,
} as const;

/** Values of single clips as points that lead to them. */
export function singlesOf(
  point: Parameters<typeof linkOf>[0] & {
    readonly values: readonly number[];
    readonly clips: readonly string[];
  },
): readonly Single[] {
  return point.values.map((value, i) => ({
    value,
    link: linkOf(point, point.clips[i]),
    linkName: point.clips[i],
  }));
}

/** A value of one clip. */
export interface Single {
  readonly value: number;
  readonly link: string;
  readonly linkName: string;
}

/** Whether points of a drawing are links. */
export function hasLinks(svg: string): boolean {
  return svg.includes('<a fill="inherit"');
}

/** A drawing without its links. */
export function withoutLinks(svg: string): string {
  return svg.replace(/<a fill="inherit"[^>]*>(.*?)<\/a>/gs, (_, mark: string) =>
    mark.replace(/<title>hear [^<]*<\/title>/g, ''),
  );
}
