import type { TFunction } from 'i18next'
import type { Chapter } from './chapters'

/** What a chapter is called. */
export function titleOf({ kind, title, name }: Chapter, t: TFunction): string {
  if (kind === 'chapter' && title) return title
  const said = t(`playback.chapter.${kind}`, { name })
  return title ? `${said}: ${title}` : said
}
