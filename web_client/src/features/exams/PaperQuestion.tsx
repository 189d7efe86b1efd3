import { useTranslation } from 'react-i18next'
import { RichText, type Places } from '../questions/Rich'
import type { Option, Shown } from '../questions/shapes'
import classes from './print.module.css'
import { letter, lines } from './sheet'

interface Props {
  shown: Shown
  media: Places
}

/** A question on paper: options have letters, gaps are lines to write on. */
export function PaperQuestion({ shown, media }: Props) {
  const blank = (id: string) => <span>({id}) ____________</span>
  return (
    <>
      <RichText rich={shown.prompt} media={media} blank={blank} />
      <Body shown={shown} media={media} />
    </>
  )
}

function Body({ shown, media }: Props) {
  const { t } = useTranslation()
  switch (shown.kind) {
    case 'single':
    case 'multiple':
    case 'ordering':
      return <Options options={shown.options} media={media} />
    case 'true_false':
      return (
        <p>
          A. {t('exams.true')} &emsp; B. {t('exams.false')}
        </p>
      )
    case 'matching':
      return (
        <div className={classes.two}>
          <Options options={shown.left} media={media} numbers />
          <Options options={shown.right} media={media} />
        </div>
      )
    case 'drag_onto':
      return (
        <>
          <Picture picture={shown.picture} media={media} />
          <div className={classes.two}>
            <Options options={shown.labels} media={media} numbers />
            <Options options={shown.zones} media={media} />
          </div>
        </>
      )
    case 'hotspot':
      return <Picture picture={shown.picture} media={media} />
    case 'cloze':
      return (
        <ul>
          {shown.gaps.map(({ id, options = [] }) =>
            options.length > 0 ? (
              <li key={id}>
                ({id}) <Options options={options} media={media} />
              </li>
            ) : null,
          )}
        </ul>
      )
    case 'table':
      return (
        <table className={classes.table}>
          <tbody>
            {shown.rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, nth) => (
                  <td key={nth}>
                    {'gap' in cell ? `(${cell.gap}) ` : <RichText rich={cell.words} media={media} inline />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )
    case 'spoken':
      return shown.live ? <p>{t('exams.toldLive')}</p> : null
    default:
      return (
        <div aria-hidden="true">
          {Array.from({ length: lines(shown.kind) }, (_, at) => (
            <div key={at} className={classes.rule} />
          ))}
        </div>
      )
  }
}

function Options({ options, media, numbers }: { options: readonly Option[]; media: Places; numbers?: boolean }) {
  return (
    <ol className={classes.options}>
      {options.map(({ id, words }, at) => (
        <li key={id}>
          <span>{numbers ? at + 1 : letter(at)}.</span>
          <span>
            <RichText rich={words} media={media} inline />
          </span>
        </li>
      ))}
    </ol>
  )
}

function Picture({ picture, media }: { picture: Extract<Shown, { kind: 'hotspot' }>['picture']; media: Places }) {
  const place = media[picture.media.sha256]
  return place ? <img src={place} alt={picture.media.alt ?? ''} style={{ maxWidth: '100%' }} /> : null
}
