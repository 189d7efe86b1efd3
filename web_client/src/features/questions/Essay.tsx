import { Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { countWords } from './typed'
import type { Part } from './part'
import classes from './Question.module.css'
import { Rubric } from './Rubric'

const LONGEST_TEXT = 200_000

export function Essay({ shown, answer, give, disabled, media }: Part<'essay'>) {
  const { t } = useTranslation()
  const text = (answer.kind === 'written' && answer.text) || ''
  const count = countWords(text)
  const { least_words: least, most_words: most } = shown
  const over = most > 0 && count > most
  return (
    <div className={classes.stack}>
      <Rubric rubric={shown.rubric} media={media} />
      <Textarea
        label={t('questions.answer')}
        value={text}
        rows={10}
        maxLength={LONGEST_TEXT}
        disabled={disabled}
        className={classes.essay!}
        onChange={(event) => give({ kind: 'written', text: event.currentTarget.value })}
      />
      <p className={`sm num ${over ? 'st attn' : 'muted'}`} data-words={count}>
        {t('questions.words', { number: count })}
        {least > 0 && ` · ${t('questions.wordsLeast', { number: least })}`}
        {most > 0 && ` · ${t('questions.wordsMost', { number: most })}`}
      </p>
    </div>
  )
}
