import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ExamSheet } from '../../api/exams'
import type { Language } from '../../api/types'
import { lengthOf } from '../../base/format'
import { LANGUAGES } from '../../base/i18n'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import type { Answer, Shown as QuestionShown } from '../questions/shapes'
import { Shown } from '../school/Frame'
import { shownNumber } from './decimal'
import classes from './exams.module.css'
import { PaperQuestion } from './PaperQuestion'
import { Check, Seg } from './parts'
import print_ from './print.module.css'
import { bubbles, keyLine, letter, rightBubbles } from './sheet'
import { useExams, useLoaded } from './use'

const MOST = 10

/** A test on paper: so many variants, each with a sheet for its answers; keys on pages of their own. */
export default function Sheet({ id }: { id: string | undefined }) {
  const { t } = useTranslation()
  const exams = useExams()
  const { language: mine } = useMe()
  const heading = usePage(t('exams.sheet'))
  const [variants, setVariants] = useState('1')
  const [language, setLanguage] = useState<Language>()
  const [keys, setKeys] = useState(false)
  const exam = useLoaded(() => exams.read(id!), [id])
  const offered = exam.phase === 'ready' ? exam.value.data.languages : []
  const speaks = language ?? offered.find((one) => one === mine) ?? offered[0]
  const sheet = useLoaded(
    async () => (speaks ? exams.sheet(id!, Number(variants), speaks, keys) : null),
    [id, variants, speaks, keys],
    true,
  )
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={`${classes.top} ${print_.screen}`}>
        <div className="grow">
          <Link href={`/exams/${id}`} className={classes.back}>
            <Icon name="arrow-left" size={18} />
            {exam.phase === 'ready' ? exam.value.data.title : t('nav.exams')}
          </Link>
          <h1 ref={heading} tabIndex={-1}>
            {t('exams.sheet')}
          </h1>
          <p className="muted sm">{t('exams.sheetText')}</p>
        </div>
        <Button leftSection={<Icon name="printer" size={18} />} onClick={() => print()}>
          {t('exams.print')}
        </Button>
      </header>
      <div className={`${classes.ends} ${print_.screen}`}>
        <NativeSelect
          label={t('exams.variants')}
          value={variants}
          onChange={(event) => setVariants(event.currentTarget.value)}
          data={Array.from({ length: MOST }, (_, at) => String(at + 1))}
        />
        {offered.length > 1 && speaks && (
          <Seg
            label={t('exams.languages')}
            value={speaks}
            choices={LANGUAGES.filter((one) => offered.includes(one)).map((value) => ({
              value,
              label: t(`exams.speaks.${value}`),
            }))}
            change={setLanguage}
          />
        )}
        <Check label={t('exams.withKeys')} help={t('exams.withKeysHelp')} checked={keys} change={setKeys} />
      </div>
      <Shown list={sheet}>
        {(found) =>
          found && (
            <>
              {found.variants.map((variant) => (
                <Variant key={variant.number} sheet={found} variant={variant} />
              ))}
              {found.variants.map((variant) => (
                <Answers key={variant.number} sheet={found} variant={variant} keys={false} />
              ))}
              {keys &&
                found.variants.map((variant) => (
                  <Answers key={variant.number} sheet={found} variant={variant} keys />
                ))}
            </>
          )
        }
      </Shown>
    </main>
  )
}

interface VariantProps {
  sheet: ExamSheet
  variant: ExamSheet['variants'][number]
}

function Head({ sheet, variant, what }: VariantProps & { what?: string }) {
  const { t } = useTranslation()
  return (
    <div className={print_.head}>
      <h2>
        {what && `${what}. `}
        {sheet.title} · {t('exams.variantNth', { nth: variant.number })}
      </h2>
      <div className={print_.lines}>
        <span>{t('exams.surname')}</span>
        <span className={print_.blank} />
        <span>{t('exams.dateLine')}</span>
        <span className={print_.blank} />
      </div>
    </div>
  )
}

function Variant({ sheet, variant }: VariantProps) {
  const { t, i18n } = useTranslation()
  return (
    <article className={print_.paper} tabIndex={0} lang={sheet.language} aria-label={t('exams.variantNth', { nth: variant.number })}>
      <Head sheet={sheet} variant={variant} />
      {sheet.seconds !== null && <p>{t('exams.previewTime', { time: lengthOf(sheet.seconds * 1000) })}</p>}
      <div className={print_.questions}>
        {variant.questions.map((question, at) => {
          const begins = question.section !== variant.questions[at - 1]?.section
          return (
            <div key={question.place} className={print_.question} data-place={question.place}>
              {begins && sheet.sections.length > 1 && (
                <h3>{sheet.sections[question.section] || t('exams.sectionNth', { nth: question.section + 1 })}</h3>
              )}
              <p>
                <b>{question.place}.</b> ({t('exams.pointsCount', { points: shownNumber(question.points, i18n.language) })})
              </p>
              <PaperQuestion shown={question.shown as unknown as QuestionShown} media={question.media} />
            </div>
          )
        })}
      </div>
    </article>
  )
}

function Answers({ sheet, variant, keys }: VariantProps & { keys: boolean }) {
  const { t } = useTranslation()
  const what = t(keys ? 'exams.keysOf' : 'exams.answerSheet')
  return (
    <article className={`${print_.paper} ${print_.answerPage}`} tabIndex={0} aria-label={`${what} ${variant.number}`} data-keys={keys}>
      <Head sheet={sheet} variant={variant} what={what} />
      <ol className={print_.answers}>
        {variant.questions.map(({ place, shown: plain, key }) => {
          const shown = plain as unknown as QuestionShown
          const answer = (key?.answer ?? null) as unknown as Answer | null
          const right = keys ? rightBubbles(shown, answer) : []
          return (
            <li key={place}>
              <b>{place}.</b>
              {Array.from({ length: bubbles(shown) }, (_, at) => (
                <span key={at} className={print_.bubble} data-right={right.includes(at)}>
                  {letter(at)}
                </span>
              ))}
              {bubbles(shown) === 0 && (
                <span className={print_.written}>{keys && keyLine(shown, answer, key?.accepted ?? [])}</span>
              )}
            </li>
          )
        })}
      </ol>
    </article>
  )
}
