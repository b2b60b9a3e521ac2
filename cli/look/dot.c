// SPDX-License-Identifier: MIT
/* The objects of a live job as a graph in the language of Graphviz. */
#include <string.h>

#include "look/objects.h"
#include "look/tree.h"
#include "output/text.h"

#define LABEL_MAX 160

struct graph {
	const struct live *live;
	const struct look_objects *objects;
};

struct edges {
	FILE *out;
	const struct document_object *from;
};

/* Quotes @text; escaping leaves no control characters. */
static void write_quoted(FILE *out, const char *text)
{
	char escaped[2 * LABEL_MAX];

	text_escape(text, escaped, sizeof(escaped));
	for (const char *at = escaped; *at; at++) {
		if (*at == '"' || *at == '\\')
			fputc('\\', out);
		fputc(*at, out);
	}
}

static void write_name(FILE *out, const struct document_object *object)
{
	fprintf(out, "o%u_%zu", object->collection, object->index);
}

static void write_node(FILE *out, const struct graph *graph, const struct document_object *object)
{
	char label[LABEL_MAX], detail[LOOK_DETAIL_SIZE];
	const uint32_t id = live_object(graph->live, object)->id;

	fputs("\t", out);
	write_name(out, object);
	fputs(" [label=\"", out);
	write_quoted(out, document_object_label(object, label, sizeof(label)));
	if (id)
		fprintf(out, " (%u)", id);
	if (*look_detail(graph->live, object, detail)) {
		fputs("\\n", out);
		write_quoted(out, detail);
	}
	fputs("\"];\n", out);
}

static void write_edge(const struct look_link *link, void *data)
{
	const struct edges *edges = data;
	char how[LOOK_LINK_SIZE];

	fputs("\t", edges->out);
	write_name(edges->out, edges->from);
	fputs(" -> ", edges->out);
	write_name(edges->out, link->target);
	fputs(" [label=\"", edges->out);
	write_quoted(edges->out, look_link_text(link, how));
	fprintf(edges->out, "\"%s];\n", link->how ? "" : ", style=bold");
}

static void write_graph(FILE *out, const void *data)
{
	const struct graph *graph = data;
	const struct look_objects *objects = graph->objects;

	fputs("digraph iommuctl {\n\trankdir=LR;\n\tnode [shape=box];\n", out);
	for (size_t i = 0; i < objects->count; i++)
		write_node(out, graph, objects->items[i]);
	for (size_t i = 0; i < objects->count; i++) {
		struct edges edges = { out, objects->items[i] };

		look_each_link(graph->live, objects->items[i], write_edge, &edges);
	}
	fputs("}\n", out);
}

enum exit_status look_dot(const struct live *live, struct report *report)
{
	struct look_objects objects;
	const struct graph graph = { live, &objects };
	enum exit_status status;

	if (look_objects_open(live, &objects))
		return report_out_of_memory(report);
	status = report_written(report, "dot", NULL, write_graph, &graph);
	look_objects_close(&objects);
	return status;
}
