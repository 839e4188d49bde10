// Points of figures as links to the clips behind them. A figure that stands alone, as a file, has none.

import { ALL_GROUPS, type Point } from '../../analysis/point.js';
import { cellsAddress } from '../view/address.js';

/** The cells of a point, or one clip's among them. */
export function linkOf(
  { model, protocol, group, variant }: Pick<Point, 'model' | 'protocol' | 'group' | 'variant'>,
  sound?: string,
): string {
  return cellsAddress({
    ...{ model, protocol, disturbance: variant },
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

/** A drawing without its links. */
export function withoutLinks(svg: string): string {
  return svg.replace(/<a fill="inherit"[^>]*>(.*?)<\/a>/gs, (_, mark: string) =>
    mark.replace(/<title>hear [^<]*<\/title>/g, ''),
  );
}
