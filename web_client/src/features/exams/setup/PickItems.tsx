import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ItemRow } from '../../../api/exams'
import { explain } from '../../../base/errors'
import { named } from '../../../base/i18n'
import { useModel, useValue } from '../../../base/react'
import { Cell } from '../../../base/value'
import { Dialog } from '../../../ui/Dialog'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import classes from '../exams.module.css'
import { useExams } from '../use'
import { Finder, type Search } from './finder'
import type { Form } from './form'
import { Look } from './Look'

const TYPING = 250
const EMPTY = new Cell<Search>({ rows: [], busy: true, more: false, error: null })

interface Props {
  form: Form
  /** Questions that are in the test already. */
  taken: readonly string[]
  close: () => void
  pick: (items: readonly ItemRow[]) => void
}

/** Questions of the banks, found, looked at and ticked one by one. */
export function PickItems({ form, taken, close, pick }: Props) {
  const { t } = useTranslation()
  const exams = useExams()
  const { banks, draft } = form
  const [bank, setBank] = useState(draft.banks.length === 1 ? draft.banks[0]! : '')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, TYPING)
  const [chosen, setChosen] = useState<ReadonlyMap<string, ItemRow>>(new Map())
  const finder = useModel((scope) => new Finder(scope, exams), [exams])
  const found = useValue(finder?.state ?? EMPTY)
  useEffect(() => {
    const own = draft.banks.length > 0 ? draft.banks : banks.map(({ id }) => id)
    void finder?.begin(bank ? [bank] : own, search, draft.kind === 'practice')
  }, [finder, bank, search])
  const toggle = (row: ItemRow) =>
    setChosen((before) => {
      const next = new Map(before)
      if (!next.delete(row.id)) next.set(row.id, row)
      return next
    })
  const free = found.rows.filter(({ id }) => !taken.includes(id))
  const elsewhere = [...chosen.values()].filter(({ id }) => !free.some((one) => one.id === id))
  return (
    <Dialog opened close={close} title={t('exams.pick')} wide>
      <div className={classes.form}>
        <div className={classes.pair}>
          <TextInput
            type="search"
            label={t('exams.search')}
            value={typed}
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {banks.length > 1 && (
            <NativeSelect
              label={t('exams.bank')}
              value={bank}
              onChange={(event) => setBank(event.currentTarget.value)}
              data={[
                { value: '', label: t(draft.banks.length > 0 ? 'exams.banksOfTest' : 'exams.allBanks') },
                ...banks.map(({ id, title }) => ({ value: id, label: title })),
              ]}
            />
          )}
        </div>
        <ul className={classes.found} aria-label={t('exams.questions')} aria-busy={found.busy}>
          {[...elsewhere, ...free].map((row) => (
            <Row key={row.id} row={row} ticked={chosen.has(row.id)} toggle={() => toggle(row)} />
          ))}
        </ul>
        <div role="status" className={classes.row}>
          {found.busy && <span className="muted sm">{t('app.loading')}</span>}
          {!found.busy && free.length === 0 && !found.more && <p className="muted">{t('exams.noneFound')}</p>}
          {found.error !== null && <FieldError>{explain(found.error)}</FieldError>}
        </div>
        {found.more && !found.busy && (
          <div>
            <Button variant="default" size="sm" onClick={() => void finder?.more()}>
              {t('exams.findMore')}
            </Button>
          </div>
        )}
        <div className={classes.row}>
          <Button disabled={chosen.size === 0} onClick={() => pick([...chosen.values()])}>
            {t('exams.pickThese', { count: chosen.size })}
          </Button>
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Row({ row, ticked, toggle }: { row: ItemRow; ticked: boolean; toggle: () => void }) {
  const { t } = useTranslation()
  const [looks, look] = useState(false)
  const title = named(row.titles)
  return (
    <li data-found={row.id}>
      <div className={classes.foundRow}>
        <label className={classes.tick}>
          <input type="checkbox" checked={ticked} onChange={toggle} />
          <span className={classes.main}>
            <span>{title}</span>
            <span className="muted sm">
              {[t(`exams.kinds.${row.kind}`), t(`exams.difficulties.${row.difficulty}`)].join(' · ')}
            </span>
          </span>
        </label>
        <LookButton title={title} looks={looks} toggle={() => look(!looks)} />
      </div>
      {looks && <Look row={row} />}
    </li>
  )
}

/** Shows and hides a question below its line. */
export function LookButton({ title, looks, toggle }: { title: string; looks: boolean; toggle: () => void }) {
  const { t } = useTranslation()
  return (
    <Button
      type="button"
      variant="subtle"
      size="sm"
      aria-expanded={looks}
      aria-label={t('exams.lookAtItem', { title })}
      onClick={toggle}
    >
      <Icon name={looks ? 'eye-off' : 'eye'} size={18} />
    </Button>
  )
}
