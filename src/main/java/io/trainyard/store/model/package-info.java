/**
 * Models, versions, aliases and weights, behind the ports of {@code model}. It must not know how a
 * spec or weights are read, only where they are stored. Start at {@link
 * io.trainyard.store.model.JdbcVersionStore}; the {@code …Table} classes have the SQL, and {@code
 * ModelTransactions} runs all changes. Each store is held by the test with the name of its class,
 * on each kind of database; {@code ModelStoreTest} holds what they do together.
 *
 * <p>Classes without a test of their name are held: {@code AliasTable} by {@code
 * JdbcAliasStoreTest}, {@code ModelTable} by {@code JdbcModelCatalogueTest}, {@code VersionTable}
 * by {@code JdbcVersionStoreTest}, {@code JdbcModelHolds} by {@code JobReferencesTest}.
 */
@NullMarked
package io.trainyard.store.model;

import org.jspecify.annotations.NullMarked;
