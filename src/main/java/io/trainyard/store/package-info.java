/**
 * The only SQL, DuckDB and files of the product, behind the ports of the packages below. It must
 * not know HTTP: URLs and status codes belong to {@code api}. {@link
 * io.trainyard.store.DataDirectory} is the folder that everything lives in; {@code store.dataset},
 * {@code store.model} and {@code store.job} implement the ports and are the packages to start
 * reading at.
 */
@NullMarked
package io.trainyard.store;

import org.jspecify.annotations.NullMarked;
