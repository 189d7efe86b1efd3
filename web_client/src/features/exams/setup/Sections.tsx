import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { named } from '../../../base/i18n'
import { Icon } from '../../../ui/Icon'
import type { ItemRow } from '../../../api/exams'
import {
  type CellDraft,
  emptyCell,
  emptySection,
  type PickedDraft,
  pointsOf,
  questionsOf,
  type SectionDraft,
} from '../draft'
import classes from '../exams.module.css'
import { shownNumber } from '../decimal'
import { type Form, isSimple, withCell, withSection } from './form'
import { Picked } from './Picked'
import { PickItems } from './PickItems'

/** Which questions: a number out of a bank, or sections by objective and difficulty, or picked one by one. */
export function Sections({ form }: { form: Form }) {
  const { t, i18n } = useTranslation()
  const { draft, change, fixed } = form
  const [plain, setPlain] = useState(() => isSimple(draft))
  const [picking, setPicking] = useState(false)
  const all = t('exams.sum', {
    questions: questionsOf(draft),
    points: shownNumber(pointsOf(draft), i18n.language),
  })
  if (plain && isSimple(draft)) {
    return (
      <>
        <Simple form={form} />
        <div className={classes.row}>
          <span className="muted sm" role="status">
            {all}
          </span>
          {!fixed && (
            <>
              <Button variant="default" size="sm" onClick={() => setPlain(false)}>
                {t('exams.byPlan')}
              </Button>
              <Button variant="default" size="sm" onClick={() => setPicking(true)}>
                {t('exams.pick')}
              </Button>
            </>
          )}
        </div>
        {picking && (
          <PickItems
            form={form}
            taken={[]}
            close={() => setPicking(false)}
            pick={(found) => {
              form.learn(found)
              change(withSection(draft, 0, { cells: [], items: found.map(pickedOf) }))
              setPlain(false)
            }}
          />
        )}
      </>
    )
  }
  return (
    <>
      {draft.sections.map((section, at) => (
        <Section key={at} form={form} section={section} at={at} />
      ))}
      <div className={classes.row}>
        <span className="muted sm" role="status">
          {all}
        </span>
        {!fixed && (
          <Button
            variant="default"
            size="sm"
            leftSection={<Icon name="plus" size={18} />}
            onClick={() => change({ sections: [...draft.sections, { ...emptySection, cells: [] }] })}
          >
            {t('exams.addSection')}
          </Button>
        )}
      </div>
    </>
  )
}

function Simple({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  const section = draft.sections[0]!
  const cell = section.cells[0]!
  const set = (part: Partial<CellDraft>) => change(withSection(draft, 0, withCell(section, 0, part)))
  return (
    <div className={`${classes.cell} ${classes.simple}`}>
      <Amount label={t('exams.count')} value={cell.count} set={(count) => set({ count })} id="cell-0-0" fixed={fixed} />
      <Amount label={t('exams.pointsEach')} value={cell.points} set={(points) => set({ points })} fixed={fixed} />
      <Has form={form} cell={cell} />
    </div>
  )
}

function pickedOf({ id, points }: ItemRow): PickedDraft {
  return { item: id, points }
}

interface SectionProps {
  form: Form
  section: SectionDraft
  at: number
}

function Section({ form, section, at }: SectionProps) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  const [picking, setPicking] = useState(false)
  const set = (part: Partial<SectionDraft>) => change(withSection(draft, at, part))
  const name = section.name || t('exams.sectionNth', { nth: at + 1 })
  return (
    <section className={classes.card} aria-label={name} id={`section-${at}`} data-section={at}>
      <div className={classes.pair}>
        <TextInput
          label={t('exams.sectionName')}
          placeholder={t('exams.sectionNth', { nth: at + 1 })}
          value={section.name}
          maxLength={200}
          disabled={fixed}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t('exams.sectionMinutes')}
          description={t('exams.sectionMinutesHelp')}
          value={section.minutes}
          inputMode="decimal"
          disabled={fixed}
          onChange={(event) => set({ minutes: event.currentTarget.value })}
        />
      </div>
      {section.cells.map((cell, nth) => (
        <CellRow key={nth} form={form} section={section} cell={cell} at={at} nth={nth} />
      ))}
      {section.items.length > 0 && <Picked form={form} section={section} at={at} />}
      {!fixed && (
        <div className={classes.row}>
          <Button
            variant="default"
            size="sm"
            onClick={() => set({ cells: [...section.cells, { ...emptyCell, count: '1' }] })}
          >
            {t('exams.addCell')}
          </Button>
          <Button variant="default" size="sm" onClick={() => setPicking(true)}>
            {t('exams.pick')}
          </Button>
          {draft.sections.length > 1 && (
            <Button variant="subtle" size="sm" onClick={() => change(withSection(draft, at, null))}>
              {t('exams.removeSection')}
            </Button>
          )}
        </div>
      )}
      {picking && (
        <PickItems
          form={form}
          taken={draft.sections.flatMap(({ items }) => items.map(({ item }) => item))}
          close={() => setPicking(false)}
          pick={(found) => {
            form.learn(found)
            set({ items: [...section.items, ...found.map(pickedOf)] })
            setPicking(false)
          }}
        />
      )}
    </section>
  )
}

interface CellProps extends SectionProps {
  cell: CellDraft
  nth: number
}

function CellRow({ form, section, cell, at, nth }: CellProps) {
  const { t } = useTranslation()
  const { draft, change, fixed, objectives } = form
  const set = (part: Partial<CellDraft> | null) => change(withSection(draft, at, withCell(section, nth, part)))
  return (
    <div className={classes.cell} role="group" aria-label={t('exams.cellNth', { nth: nth + 1 })}>
      <NativeSelect
        className={classes.wholeRow}
        label={t('exams.objective')}
        value={cell.objective}
        disabled={fixed}
        onChange={(event) => set({ objective: event.currentTarget.value })}
        data={[
          { value: '', label: t('exams.anyObjective') },
          ...objectives.map(({ code, names }) => ({ value: code, label: `${code} ${named(names)}` })),
        ]}
      />
      <NativeSelect
        className={classes.wholeRow}
        label={t('exams.difficulty')}
        value={String(cell.difficulty)}
        disabled={fixed}
        onChange={(event) => set({ difficulty: Number(event.currentTarget.value) })}
        data={[
          { value: '0', label: t('exams.anyDifficulty') },
          ...[1, 2, 3, 4, 5].map((one) => ({ value: String(one), label: t(`exams.difficulties.${one}`) })),
        ]}
      />
      <Amount
        label={t('exams.count')}
        value={cell.count}
        set={(count) => set({ count })}
        id={`cell-${at}-${nth}`}
        fixed={fixed}
      />
      <Amount label={t('exams.pointsEach')} value={cell.points} set={(points) => set({ points })} fixed={fixed} />
      {!fixed && (
        <Button
          variant="subtle"
          aria-label={t('exams.removeCell', { nth: nth + 1 })}
          className={classes.wholeRow}
          onClick={() => set(null)}
        >
          <Icon name="x" size={18} />
        </Button>
      )}
      <div className={classes.has}>
        <Has form={form} cell={cell} />
      </div>
    </div>
  )
}

interface AmountProps {
  label: string
  value: string
  set: (typed: string) => void
  id?: string
  fixed: boolean
}

function Amount({ label, value, set, id, fixed }: AmountProps) {
  return (
    <TextInput
      label={label}
      {...(id && { id })}
      value={value}
      inputMode="decimal"
      disabled={fixed}
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}

/** How many questions the bank has for it. */
function Has({ form, cell }: { form: Form; cell: CellDraft }) {
  const { t } = useTranslation()
  const { draft, count } = form
  if (draft.banks.length === 0) return null
  const found = count.of(draft, cell)
  if (found === undefined) return <p className="muted sm">{t('exams.counting')}</p>
  const short = found < Number(cell.count)
  return (
    <p className={`sm ${short ? 'st attn' : 'muted'}`} data-has={found}>
      {t('exams.bankHas', { count: found })}
    </p>
  )
}
