// SPDX-License-Identifier: MIT
/* The SMMUv3 structures, as the schema of jobs queries them. */
#include "job/schema/schema.h"

static bool field_at(const struct iommuctl_smmuv3_field *(*table_of)(size_t *count), size_t index,
	struct schema_field *field)
{
	size_t count;
	const struct iommuctl_smmuv3_field *table = table_of(&count);

	if (index >= count)
		return false;
	*field = (struct schema_field){ .source = &table[index],
		.name = table[index].name,
		.is_bit = table[index].width == 1 };
	return true;
}

/* Fields of the words that a nested HWPT has; the table is in word order. */
static bool ste_field(size_t index, struct schema_field *field)
{
	return field_at(iommuctl_smmuv3_ste_fields, index, field) &&
	       ((const struct iommuctl_smmuv3_field *)field->source)->word <
		       IOMMUCTL_SMMUV3_NESTED_WORDS;
}

static bool cd_field(size_t index, struct schema_field *field)
{
	return field_at(iommuctl_smmuv3_cd_fields, index, field);
}

static bool cmd_field(size_t index, struct schema_field *field)
{
	return field_at(iommuctl_smmuv3_cmd_fields, index, field);
}

static bool event_field(size_t index, struct schema_field *field)
{
	return field_at(iommuctl_smmuv3_event_fields, index, field);
}

/* A list of values ends with one without a name, so check each before the next. */
static bool field_value(
	const struct schema_field *field, size_t index, struct schema_choice *choice)
{
	const struct iommuctl_smmuv3_field *source = field->source;
	const struct iommuctl_smmuv3_value *value = source->values;

	for (; value && value->name; value++, index--) {
		if (index)
			continue;
		*choice = (struct schema_choice){ value->name, value->value };
		return true;
	}
	return false;
}

const struct schema_structure job_ste_structure = { "STE", ste_field, field_value };
const struct schema_structure job_cd_structure = { "CD", cd_field, field_value };
const struct schema_structure job_cmd_structure = { "command", cmd_field, field_value };
const struct schema_structure job_event_structure = { "event", event_field, field_value };
