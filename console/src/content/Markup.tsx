import { Text, Typography } from '@mantine/core';

interface Props {
  /** HTML that the server made safe: it comes from Markdown and has neither scripts nor styles. */
  html: string | undefined;
  /** What is shown without HTML. */
  text: string;
}

/** Shows the text of a document. */
export function Markup({ html, text }: Props) {
  if (html === undefined)
    return (
      <Text component="pre" ff="monospace" size="sm" m={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Text>
    );
  return (
    <Typography style={{ overflowWrap: 'anywhere' }}>
      <div dangerouslySetInnerHTML={{ __html: html }} dir="auto" />
    </Typography>
  );
}
