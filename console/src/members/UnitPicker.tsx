import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { listUnits } from '@trellis/client';
import { useState } from 'react';

interface Choice {
  value: string;
  label: string;
}

interface Props {
  orgId: string;
  label: string;
  description?: string;
  value: Choice[];
  onChange: (value: Choice[]) => void;
}

/** Chooses units. The server searches, because an organization may have thousands. */
export function UnitPicker({ orgId, label, description, value, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: ['units', orgId, 'picker', q],
    queryFn: async ({ signal }) => {
      const query = { status: 'active', sort: 'name', limit: 50, ...(q && { q }) } as const;
      return (await listUnits({ path: { orgId }, query, signal })).data.items;
    },
    placeholderData: keepPreviousData,
  }).data;
  const offered = (found ?? []).map(({ id, name }) => ({ value: id, label: name }));
  // Chosen units stay known when a search does not find them.
  const data = [...offered, ...value.filter((one) => !offered.some((other) => other.value === one.value))];
  return (
    <MultiSelect
      label={label}
      description={description}
      data={data}
      value={value.map((one) => one.value)}
      onChange={(ids) => onChange(data.filter((one) => ids.includes(one.value)))}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      clearable
      hidePickedOptions
      maxDropdownHeight={220}
    />
  );
}
