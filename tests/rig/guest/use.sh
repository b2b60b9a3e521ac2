# SPDX-License-Identifier: MIT
# The network card, used once.

. /guest/cards.sh

use eth0
