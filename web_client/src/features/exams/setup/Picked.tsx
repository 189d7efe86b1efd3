import { Button, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { named } from '../../../base/i18n'
import { Icon } from '../../../ui/Icon'
import { brought } from '../../questions/order'
import { Sign } from '../../questions/Sign'
import type { PickedDraft, SectionDraft } from '../draft'
import classes from '../exams.module.css'
import { type Form, withSection } from './form'
import { Look } from './Look'
import { LookButton } from './PickItems'

interface Props {
  form: Form
  section: SectionDraft
  at: number
}

/** Questions picked by hand: their order, what each is worth, and how it looks. */
export function Picked({ form, section, at }: Props) {
  const { t } = useTranslation()
  const { draft, change, fixed, items } = form
  const list = useRef<HTMLOListElement>(null)
  const focus = useRef<{ item: string; way: string } | null>(null)
  const [said, say] = useState('')
  useEffect(() => {
    const { item, way } = focus.current ?? {}
    focus.current = null
    const row = item === undefined ? null : list.current?.querySelector(`[data-picked="${item}"]`)
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('button[data-way]') ?? [])].filter((one) => !one.disabled)
    ;(buttons.find((one) => one.dataset.way === way) ?? buttons[0])?.focus()
  })
  const put = (all: readonly PickedDraft[]) => change(withSection(draft, at, { items: all }))
  const titleOf = (item: string, nth: number) => named(items[item]?.titles) || t('exams.questionNth', { nth: nth + 1 })
  const bring = (nth: number, to: number, way: string) => {
    const { item } = section.items[nth]!
    put(brought(section.items, nth, to))
    say(t('questions.movedTo', { words: titleOf(item, nth), number: to + 1 }))
    focus.current = { item, way }
  }
  return (
    <div>
      <ol className={classes.picked} aria-label={t('exams.picked')} ref={list}>
        {section.items.map(({ item, points }, nth) => (
          <Line
            key={item}
            form={form}
            item={item}
            title={titleOf(item, nth)}
            nth={nth}
            last={section.items.length - 1}
            points={{
              value: points,
              id: `item-${at}-${nth}`,
              set: (typed) => put(section.items.map((one, other) => (other === nth ? { ...one, points: typed } : one))),
            }}
            bring={(to, way) => bring(nth, to, way)}
            remove={() => put(section.items.filter((_, other) => other !== nth))}
          />
        ))}
      </ol>
      <p className="vh" aria-live="polite">
        {said}
      </p>
      {section.items.length > 1 && draft.shuffle && !fixed && <p className="muted sm">{t('exams.pickedShuffled')}</p>}
    </div>
  )
}

interface LineProps {
  form: Form
  item: string
  title: string
  nth: number
  last: number
  points: { value: string; id: string; set: (typed: string) => void }
  bring: (to: number, way: 'up' | 'down') => void
  remove: () => void
}

function Line({ form, item, title, nth, last, points, bring, remove }: LineProps) {
  const { t } = useTranslation()
  const [looks, look] = useState(false)
  const { fixed, items } = form
  const row = items[item]
  return (
    <li data-picked={item}>
      <div className={classes.pickedRow}>
        <b className="num">{nth + 1}</b>
        <span className={classes.main}>{title}</span>
        <span className={classes.acts}>
          <TextInput
            aria-label={t('exams.pointsOf', { title })}
            className={classes.points!}
            id={points.id}
            value={points.value}
            inputMode="decimal"
            disabled={fixed}
            rightSection={<span className="muted xs">{t('exams.pointsShort')}</span>}
            onChange={(event) => points.set(event.currentTarget.value)}
          />
          {row && <LookButton title={title} looks={looks} toggle={() => look(!looks)} />}
          {!fixed && last > 0 && (
            <>
              <Step way="up" title={title} off={nth === 0} go={() => bring(nth - 1, 'up')} />
              <Step way="down" title={title} off={nth === last} go={() => bring(nth + 1, 'down')} />
            </>
          )}
          {!fixed && (
            <Button variant="subtle" size="sm" aria-label={t('exams.unpick', { title })} onClick={remove}>
              <Icon name="x" size={18} />
            </Button>
          )}
        </span>
      </div>
      {looks && row && <Look row={row} />}
    </li>
  )
}

function Step({ way, title, off, go }: { way: 'up' | 'down'; title: string; off: boolean; go: () => void }) {
  const { t } = useTranslation()
  return (
    <Button variant="subtle" size="sm" data-way={way} disabled={off} aria-label={t(`questions.${way}`, { words: title })} onClick={go}>
      {way === 'up' ? <Sign name="up" size={18} /> : <Icon name="chevron-down" size={18} />}
    </Button>
  )
}
