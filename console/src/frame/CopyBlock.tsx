import { Code, Group, Text } from '@mantine/core';
import { CopyButton } from './CopyButton';

/** A text to copy, as it is, under its name. */
export const CopyBlock = ({ label, value }: { label: string; value: string }) => (
  <div>
    <Group justify="space-between" mb={4}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <CopyButton value={value} label={label} />
    </Group>
    <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {value}
    </Code>
  </div>
);
