import type { TFunction } from 'i18next'
import type { Chapter } from './chapters'

/** What a chapter is called. */
export function titleOf({ kind, title, name, page }: Chapter, t: TFunction): string {
  if (kind === 'chapter' && title) return title
  if (page > 0) return t('playback.shown.slides', { page })
  const said = t(`playback.chapter.${kind}`, { name })
  return title ? `${said}: ${title}` : said
}
