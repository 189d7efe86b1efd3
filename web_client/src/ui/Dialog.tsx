import { CloseButton, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Dialog.module.css'

interface Props {
  opened: boolean
  close: () => void
  title: string
  /** For forms with fields side by side. */
  wide?: boolean
  children: ReactNode
}

/** A window over the page that keeps the focus and gives it back. */
export function Dialog({ opened, close, title, wide = false, children }: Props) {
  const { t } = useTranslation()
  return (
    <Modal.Root opened={opened} onClose={close} size={wide ? 'lg' : 'md'} centered>
      <Modal.Overlay />
      <Modal.Content radius="md">
        <div className={classes.dialog}>
          <div className={classes.head}>
            <Modal.Title>{title}</Modal.Title>
            <CloseButton size="lg" aria-label={t('common.close')} onClick={close} />
          </div>
          {children}
        </div>
      </Modal.Content>
    </Modal.Root>
  )
}
