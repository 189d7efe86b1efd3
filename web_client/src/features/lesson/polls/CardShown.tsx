import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PollView } from '../../../api/types'
import { usePart } from '../../../base/react'
import { Icon } from '../../../ui/Icon'
import { Bars } from './Bars'
import type { PollsModel } from './model'
import { Vote } from './Vote'
import classes from './View.module.css'

export default function CardShown({ model, poll }: { model: PollsModel; poll: PollView }) {
  const { t } = useTranslation()
  const leads = usePart(model.polls, (all) => all.phase === 'ready' && all.state.leads)
  const title = poll.question || t('polls.asked')
  return (
    <section className={classes.card} aria-label={t('polls.now')} data-poll={poll.id}>
      <div className={classes.head}>
        <h2>{title}</h2>
        <button type="button" aria-label={t('polls.hide')} onClick={() => model.hide(poll.id)}>
          <Icon name="x" />
        </button>
      </div>
      {!leads && <Vote model={model} poll={poll} />}
      <Bars poll={poll} />
      {leads && (
        <div className={classes.deeds}>
          <Button size="sm" onClick={() => void model.publish(poll)}>
            {t('polls.closeAndShow')}
          </Button>
          <Button size="sm" variant="default" onClick={() => void model.close(poll)}>
            {t('polls.close')}
          </Button>
        </div>
      )}
    </section>
  )
}
