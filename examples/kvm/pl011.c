// SPDX-License-Identifier: MIT
/* A PL011 (Arm DDI 0183) whose transmit FIFO is always empty. */
#include "pl011.h"

#include <stddef.h>
#include <stdio.h>

#define UARTDR	  0x000
#define UARTFR	  0x018
#define UARTIBRD  0x024
#define UARTFBRD  0x028
#define UARTLCR_H 0x02c
#define UARTCR	  0x030
#define UARTIFLS  0x034
#define UARTIMSC  0x038
#define UARTRIS	  0x03c
#define UARTMIS	  0x040
#define UARTICR	  0x044
/* Four byte registers identify the peripheral, and four its class. */
#define UARTPERIPHID0 0xfe0

#define FR_TXFE	     (1u << 7)
#define FR_RXFE	     (1u << 4)
#define INTERRUPT_TX (1u << 5)
#define INTERRUPTS   0x7ffu

#define CR_AT_RESET   0x300u
#define IFLS_AT_RESET 0x12u

void pl011_init(struct pl011 *pl011, const struct vm *vm)
{
	*pl011 = (struct pl011){
		.vm = vm,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.control = CR_AT_RESET,
		.fifo_levels = IFLS_AT_RESET,
	};
}

/* Registers that only hold what was written. */
static uint32_t *plain_register(struct pl011 *pl011, uint64_t offset)
{
	switch (offset) {
	case UARTIBRD: return &pl011->integer_divisor;
	case UARTFBRD: return &pl011->fraction_divisor;
	case UARTLCR_H: return &pl011->line_control;
	case UARTCR: return &pl011->control;
	case UARTIFLS: return &pl011->fifo_levels;
	case UARTIMSC: return &pl011->interrupt_mask;
	default: return NULL;
	}
}

static uint32_t read_register(struct pl011 *pl011, uint64_t offset)
{
	static const uint8_t identity[] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	const uint32_t *plain = plain_register(pl011, offset);

	if (plain)
		return *plain;
	if (offset >= UARTPERIPHID0 && offset % 4 == 0)
		return identity[(offset - UARTPERIPHID0) / 4];
	switch (offset) {
	case UARTFR: return FR_TXFE | FR_RXFE;
	case UARTRIS: return pl011->interrupts;
	case UARTMIS: return pl011->interrupts & pl011->interrupt_mask;
	default: return 0;
	}
}

static void write_register(struct pl011 *pl011, uint64_t offset, uint32_t value)
{
	uint32_t *plain = plain_register(pl011, offset);

	if (plain) {
		*plain = value;
		return;
	}
	switch (offset) {
	case UARTDR:
		putchar((int)(value & 0xff));
		fflush(stdout);
		pl011->interrupts |= INTERRUPT_TX;
		break;
	case UARTICR: pl011->interrupts &= ~(value & INTERRUPTS); break;
	default: break;
	}
}

bool pl011_read(void *device, uint64_t offset, unsigned int size, uint64_t *value)
{
	struct pl011 *pl011 = device;

	if (size > sizeof(uint32_t))
		return false;
	pthread_mutex_lock(&pl011->lock);
	*value = read_register(pl011, offset);
	pthread_mutex_unlock(&pl011->lock);
	return true;
}

bool pl011_write(void *device, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pl011 *pl011 = device;
	bool before;
	bool after;
	int err = 0;

	if (size > sizeof(uint32_t))
		return false;
	pthread_mutex_lock(&pl011->lock);
	before = pl011->interrupts & pl011->interrupt_mask;
	write_register(pl011, offset, (uint32_t)value);
	after = pl011->interrupts & pl011->interrupt_mask;
	if (before != after)
		err = vm_set_irq(pl011->vm, PL011_SPI, after);
	pthread_mutex_unlock(&pl011->lock);
	return !err;
}
