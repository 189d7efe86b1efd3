import { createElement, Fragment, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Formula } from './Formula'
import classes from './Rich.module.css'
import type { Block, Inline, Listing, Mark, Media as MediaShape, Rich } from './shapes'

/** Where a picture, sound or film lies, by what it holds. */
export type Places = Readonly<Record<string, string>>

interface Props {
  rich: Rich | undefined
  media?: Places
  /** What stands where a gap of a cloze is. */
  blank?: (id: string) => ReactNode
  /** Inside a line: an option, a label. Its paragraphs are lines, no blocks. */
  inline?: boolean
}

const TAGS: Record<Mark, string> = { bold: 'strong', italic: 'em', under: 'u', sub: 'sub', sup: 'sup', code: 'code' }
const NOWHERE: Places = {}

/** A question's formatted text. It is built of elements one by one: no page is given strangers' HTML. */
export function RichText({ rich, media = NOWHERE, blank, inline = false }: Props) {
  const show = { media, blank }
  const blocks = rich?.blocks ?? []
  if (inline && blocks.every(({ kind }) => kind === 'paragraph')) {
    return (
      <>
        {blocks.map((block, at) => (
          <span key={at} className={classes.line}>
            {block.kind === 'paragraph' && runs(block.runs, show)}
          </span>
        ))}
      </>
    )
  }
  return <div className={classes.rich}>{blocks.map((block, at) => <Part key={at} block={block} show={show} />)}</div>
}

interface Show {
  media: Places
  blank: ((id: string) => ReactNode) | undefined
}

function Part({ block, show }: { block: Block; show: Show }) {
  if (block.kind === 'list') return list(block, show)
  if (block.kind === 'table') {
    return (
      <div className={classes.wide} tabIndex={0} role="group">
        <table>
          <tbody>
            {(block.rows ?? []).map((row, at) => (
              <tr key={at}>
                {row.map(({ runs: held, head, columns = 1, rows = 1 }, nth) =>
                  createElement(
                    head ? 'th' : 'td',
                    { key: nth, colSpan: columns, rowSpan: rows },
                    runs(held, show),
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )
  }
  const held = runs(block.runs, show)
  if (block.code) return <pre>{held}</pre>
  if (block.level) return block.level === 1 ? <h3>{held}</h3> : <h4>{held}</h4>
  return (block.runs ?? []).some(({ kind }) => kind === 'blank') ? (
    <div className={classes.gapped}>{held}</div>
  ) : (
    <p>{held}</p>
  )
}

function list(listing: Listing, show: Show): ReactNode {
  const entries = (listing.entries ?? []).map((entry, at) => (
    <li key={at}>
      {runs(entry.runs, show)}
      {(entry.inner ?? []).map((inner, nth) => (
        <Fragment key={nth}>{list(inner, show)}</Fragment>
      ))}
    </li>
  ))
  return listing.ordered ? <ol>{entries}</ol> : <ul>{entries}</ul>
}

function runs(held: readonly Inline[] | undefined, show: Show): ReactNode[] {
  return (held ?? []).map((run, at) => <Run key={at} run={run} show={show} />)
}

function Run({ run, show }: { run: Inline; show: Show }) {
  if (run.kind === 'formula') return <Formula source={run.source} block={run.block ?? false} />
  if (run.kind === 'blank') return <>{show.blank?.(run.id)}</>
  if (run.kind === 'media') return <Media media={run} places={show.media} />
  const lines = run.text.split('\n')
  const text: ReactNode = lines.map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      {line}
    </Fragment>
  ))
  return <>{(run.marks ?? []).reduce<ReactNode>((inner, mark) => createElement(TAGS[mark], {}, inner), text)}</>
}

/** A picture, sound or film; where there is none to be had, what it is said to be. */
export function Media({ media, places }: { media: MediaShape; places: Places }) {
  const { t } = useTranslation()
  const place = places[media.sha256]
  const said = media.alt || t('questions.unnamedMedia')
  if (!place) return <span className={classes.gone}>{said}</span>
  const [kind] = media.type.split('/')
  if (kind === 'audio') return <audio className={classes.media} controls preload="metadata" src={place} aria-label={said} />
  if (kind === 'video') {
    return <video className={classes.media} controls playsInline preload="metadata" src={place} aria-label={said} />
  }
  const size = media.width ? { width: `${media.width}px` } : undefined
  return <img className={classes.media} src={place} alt={media.alt ?? ''} style={size} />
}
