import type { TFunction } from 'i18next'
import { lengthOf } from '../../base/format'
import type { EntryView } from './shapes'

export interface Rule {
  icon: string
  text: string
}

/** What holds in an exam, one sentence for each rule, the one that matters first. */
export function rulesOf(entry: EntryView, t: TFunction): Rule[] {
  const rules: (Rule | null)[] = [
    entry.kind === 'practice' ? { icon: 'info', text: t('exam.rule.practice') } : null,
    allowance(entry, t),
    entry.seconds !== null ? { icon: 'clock', text: t('exam.rule.serverTime') } : null,
    { icon: 'wifi-off', text: t('exam.rule.saved') },
    entry.seconds === null ? null : { icon: 'timer', text: interruption(entry, t) },
    way(entry, t),
    entry.penalties ? { icon: 'circle-alert', text: t('exam.rule.penalties') } : null,
    { icon: 'smartphone', text: t('exam.rule.device') },
    entry.lesson_id ? { icon: 'video', text: t('exam.rule.call') } : null,
    entry.supervised ? { icon: 'user-check', text: t('exam.rule.supervised') } : null,
    { icon: 'eye', text: t(`exam.rule.release.${entry.release.what === 'nothing' ? 'nothing' : entry.release.when}`) },
  ]
  return rules.filter((rule) => rule !== null)
}

function way({ navigation, in_turn }: EntryView, t: TFunction): Rule {
  if (navigation === 'question') return { icon: 'lock', text: t('exam.rule.question') }
  return in_turn ? { icon: 'lock', text: t('exam.rule.inTurn') } : { icon: 'layout-grid', text: t('exam.rule.free') }
}

function allowance({ factor, extra_seconds: extra, seconds }: EntryView, t: TFunction): Rule | null {
  if (seconds === null || (factor === '1' && extra === 0)) return null
  return { icon: 'user-check', text: t('exam.rule.allowance', { time: lengthOf(seconds * 1000) }) }
}

function interruption(entry: EntryView, t: TFunction): string {
  if (entry.interrupted === 'runs') return t('exam.rule.runs')
  if (entry.interrupted === 'stands') return t('exam.rule.stands')
  return t('exam.rule.grace', { time: lengthOf(entry.grace_seconds * 1000) })
}
