import { NativeSelect, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { named } from '../../../base/i18n'
import { type Draft, type Language, sectionMinutes } from '../draft'
import classes from '../exams.module.css'
import { Check, More, Seg } from '../parts'
import { Calls } from './Calls'
import type { Form } from './form'

interface FieldProps {
  form: Form
  name: 'minutes' | 'grace' | 'late' | 'attempts' | 'opens' | 'closes' | 'ends'
  label: string
  help?: string
  fixed?: boolean
}

/** A field of the form that is text: a number of minutes, or a moment. */
export function Field({ form, name, label, help, fixed = false }: FieldProps) {
  const isMoment = name === 'opens' || name === 'closes' || name === 'ends'
  return (
    <TextInput
      id={name}
      {...(isMoment ? { type: 'datetime-local' } : { inputMode: 'decimal' as const })}
      label={label}
      {...(help && { description: help })}
      value={form.draft[name]}
      disabled={fixed && form.fixed}
      onChange={(event) => form.change({ [name]: event.currentTarget.value } as Partial<Draft>)}
    />
  )
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  values: readonly T[]
  word: (value: T) => string
  change: (value: T) => void
  disabled?: boolean
}

function Choice<T extends string>({ label, value, values, word, change, disabled }: ChoiceProps<T>) {
  return (
    <NativeSelect
      label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => change(event.currentTarget.value as T)}
      data={values.map((one) => ({ value: one, label: word(one) }))}
    />
  )
}

/** Time beyond the minutes: from when to when, and what the clock does when the line breaks. */
export function MoreTime({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  const sections = sectionMinutes(draft)
  return (
    <More summary={t('exams.moreTime')}>
      <div className={classes.pair}>
        <Field form={form} name="opens" label={t('exams.opens')} help={t('exams.opensHelp')} />
        <Field form={form} name="ends" label={t('exams.ends')} help={t('exams.endsHelp')} />
      </div>
      <div className={classes.pair}>
        <Choice
          label={t('exams.interrupted')}
          value={draft.interrupted}
          values={['grace', 'runs', 'stands'] as const}
          word={(one) => t(`exams.interruptedRule.${one}`)}
          change={(interrupted) => change({ interrupted })}
          disabled={fixed}
        />
        {draft.interrupted === 'grace' && <Field form={form} name="grace" label={t('exams.grace')} fixed />}
        <Field form={form} name="late" label={t('exams.late')} help={t('exams.lateHelp')} />
      </div>
      {sections > 0 && <p className="muted sm">{t('exams.sectionsTake', { minutes: sections })}</p>}
    </More>
  )
}

/** How it is sat: attempts, the way through it, languages, what an answer is worth. */
export function MoreRules({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  const speaks = (language: Language, on: boolean) =>
    change({
      languages: (['kk', 'ru', 'en'] as const).filter((one) =>
        one === language ? on : draft.languages.includes(one),
      ),
    })
  return (
    <More summary={t('exams.moreRules')}>
      <div className={classes.pair}>
        <Field form={form} name="attempts" label={t('exams.attempts')} fixed />
        <Choice
          label={t('exams.navigation')}
          value={draft.navigation}
          values={['free', 'forward', 'question'] as const}
          word={(one) => t(`exams.navigationRule.${one}`)}
          change={(navigation) => change({ navigation })}
          disabled={fixed}
        />
      </div>
      <fieldset disabled={fixed} id="languages">
        <legend className="sb-label">{t('exams.languages')}</legend>
        <div className={classes.row}>
          {(
            [
              ['kk', 'Қазақша'],
              ['ru', 'Русский'],
              ['en', 'English'],
            ] as const
          ).map(([language, name]) => (
            <Check
              key={language}
              label={name}
              checked={draft.languages.includes(language)}
              change={(on) => speaks(language, on)}
              disabled={fixed}
            />
          ))}
        </div>
      </fieldset>
      <div>
        <Check label={t('exams.shuffle')} checked={draft.shuffle} change={(shuffle) => change({ shuffle })} disabled={fixed} />
        <Check
          label={t('exams.partial')}
          help={t('exams.partialHelp')}
          checked={draft.partial}
          change={(partial) => change({ partial })}
          disabled={fixed}
        />
        <Check
          label={t('exams.penalties')}
          help={t('exams.penaltiesHelp')}
          checked={draft.penalties}
          change={(penalties) => change({ penalties })}
          disabled={fixed}
        />
        <Check
          label={t('exams.supervised')}
          help={t('exams.supervisedHelp')}
          checked={draft.supervised}
          change={(supervised) => change({ supervised })}
          disabled={fixed}
        />
      </div>
      <Where form={form} />
      <Calls form={form} />
    </More>
  )
}

const LEVELS = ['school', 'college', 'university'] as const

function Where({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed, choices } = form
  const groups = new Map(choices.groups.map(({ id, name }) => [id, name]))
  return (
    <div className={classes.pair}>
      <NativeSelect
        label={t('exams.course')}
        value={draft.course}
        disabled={fixed}
        onChange={(event) => change({ course: event.currentTarget.value })}
        data={[
          { value: '', label: t('exams.noCourse') },
          ...choices.courses.map((one) => ({
            value: one.id,
            label: [named(one.subject), ...one.groups.map((id) => groups.get(id) ?? '')].filter(Boolean).join(' · '),
          })),
        ]}
      />
      <Choice
        label={t('exams.level')}
        value={draft.level}
        values={LEVELS}
        word={(one) => t(`exams.levels.${one}`)}
        change={(level) => change({ level })}
        disabled={fixed}
      />
    </div>
  )
}

/** What learners are told, and how it is marked by hand. */
export function MoreMarking({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { draft, change, fixed } = form
  const { release, double } = draft
  return (
    <More summary={t('exams.moreMarking')}>
      <div className={classes.pair}>
        <Choice
          label={t('exams.releaseWhat')}
          value={release.what}
          values={['nothing', 'points', 'answers', 'keys'] as const}
          word={(what) => t(`exams.releaseWhats.${what}`)}
          change={(what) => change({ release: { ...release, what } })}
        />
        <Choice
          label={t('exams.releaseWhen')}
          value={release.when}
          values={['by_hand', 'at_once', 'after_close'] as const}
          word={(when) => t(`exams.releaseWhens.${when}`)}
          change={(when) => change({ release: { ...release, when } })}
        />
      </div>
      <div>
        <Check
          label={t('exams.anonymous')}
          help={t('exams.anonymousHelp')}
          checked={draft.anonymous}
          change={(anonymous) => change({ anonymous })}
          disabled={fixed}
        />
        <Check
          label={t('exams.double')}
          help={t('exams.doubleHelp')}
          checked={double !== null}
          change={(on) => change({ double: on ? { bound: '20', step: '0.5', third: true } : null })}
          disabled={fixed}
        />
      </div>
      {double && (
        <div className={classes.pair}>
          <TextInput
            label={t('exams.doubleBound')}
            value={double.bound}
            inputMode="decimal"
            disabled={fixed}
            onChange={(event) => change({ double: { ...double, bound: event.currentTarget.value } })}
          />
          <TextInput
            label={t('exams.doubleStep')}
            value={double.step}
            inputMode="decimal"
            disabled={fixed}
            onChange={(event) => change({ double: { ...double, step: event.currentTarget.value } })}
          />
          <Seg
            label={t('exams.doubleThird')}
            value={double.third ? 'third' : 'talk'}
            choices={[
              { value: 'third', label: t('exams.doubleThirdMarks') },
              { value: 'talk', label: t('exams.doubleTalk') },
            ]}
            change={(how) => change({ double: { ...double, third: how === 'third' } })}
            disabled={fixed}
          />
        </div>
      )}
    </More>
  )
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}
