import { useTranslation } from 'react-i18next'
import { Icon } from '../../ui/Icon'
import classes from './View.module.css'

interface Pages {
  number: number
  count: number
  /** The page that all are shown. */
  shown: number
  go: (page: number) => void
  /** Back to that page; null for who is there. */
  back: (() => void) | null
}

/** Leafs through pages, and leads back to the one that all are shown. */
export function Leaf({ number, count, shown, go, back }: Pages) {
  const { t } = useTranslation()
  return (
    <div className={classes.leaf} role="group" aria-label={t('board.pages')}>
      <button
        type="button"
        aria-label={t('board.before')}
        disabled={number === 0}
        onClick={() => go(number - 1)}
      >
        <Icon name="chevron-left" />
      </button>
      <span className="num" aria-live="polite" data-leaf={number}>
        <span className="vh">{t('board.page')} </span>
        {number + 1} / {count}
      </span>
      <button
        type="button"
        aria-label={t('board.after')}
        disabled={number >= count - 1}
        onClick={() => go(number + 1)}
      >
        <Icon name="chevron-right" />
      </button>
      {back && number !== shown && (
        <button type="button" className={classes.small} onClick={back}>
          {t('board.back', { page: shown + 1 })}
        </button>
      )}
    </div>
  )
}
