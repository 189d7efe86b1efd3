import { useTranslation } from 'react-i18next'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { useEditing } from '../context'
import { type Fault, faultsAt, nameOf, whyOf } from '../faults'
import classes from '../bank.module.css'

/** What is wrong at one place, in words below it. */
export function FaultsHere({ where }: { where: string }) {
  const { t } = useTranslation()
  const { faults } = useEditing()
  return faultsAt(faults, where).map((one) => (
    <FieldError key={one.why}>{whyOf(one, t)}</FieldError>
  ))
}

/** Everything that is wrong, each with the way to its place. */
export function FaultList({ faults }: { faults: readonly Fault[] }) {
  const { t } = useTranslation()
  if (faults.length === 0) return null
  return (
    <section className={`note attn ${classes.faults}`} aria-label={t('bank.toFix')} data-faults={faults.length}>
      <Icon name="triangle-alert" />
      <div className="grow">
        <b>{t('bank.toFix')}</b>
        <ul>
          {faults.map((one) => (
            <li key={`${one.where} ${one.why}`}>
              <button type="button" className={classes.goto} onClick={() => goTo(one.where)}>
                {nameOf(one.where, t)}
              </button>
              : {whyOf(one, t)}
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

/** Brings the focus to the field of a place, or to what holds it. */
function goTo(where: string): void {
  for (let path = where; path; path = path.replace(/(?:\.[^.[]*|\[\d+\])$/, '')) {
    const place = document.querySelector(`[data-where="${CSS.escape(path)}"]`)
    const folded = place?.closest('details:not([open])')
    if (folded) folded.setAttribute('open', '')
    const field = place?.matches('input, textarea, select, button')
      ? place
      : place?.querySelector('input, textarea, select, button')
    if (field instanceof HTMLElement) {
      field.focus()
      field.scrollIntoView({ block: 'center' })
      return
    }
    if (!path.includes('.') && !path.includes('[')) return
  }
}
