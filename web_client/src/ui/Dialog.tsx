import { CloseButton, Modal } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Dialog.module.css'

interface Props {
  opened: boolean
  close: () => void
  title: string
  children: ReactNode
}

/** A window over the page that keeps the focus and gives it back. */
export function Dialog({ opened, close, title, children }: Props) {
  const { t } = useTranslation()
  const id = useId()
  return (
    <Modal.Root opened={opened} onClose={close} centered>
      <Modal.Overlay />
      <Modal.Content radius="md" className={classes.dialog} aria-labelledby={id}>
        <div className={classes.head}>
          <h2 id={id}>{title}</h2>
          <CloseButton size="lg" aria-label={t('common.close')} onClick={close} />
        </div>
        {children}
      </Modal.Content>
    </Modal.Root>
  )
}
