/**
 * Access over HTTP: who calls, which scope each operation needs, keys, the audit log, and headers
 * for browsers.
 *
 * <p>{@code OperationRules} is the table of all operations. The package knows no resource but keys
 * and the audit log. Start at {@code AccessFilter}, then {@link
 * io.trainyard.api.access.Authorization}.
 */
@NullMarked
package io.trainyard.api.access;

import org.jspecify.annotations.NullMarked;
