/**
 * Models, versions, aliases and weights, behind the ports of {@code model}. It must not know how a
 * spec or weights are read, only where they are stored. Start at {@link
 * io.trainyard.store.model.JdbcVersionStore}; the {@code …Table} classes have the SQL, and {@code
 * ModelTransactions} runs all changes.
 */
@NullMarked
package io.trainyard.store.model;

import org.jspecify.annotations.NullMarked;
