/**
 * Deletes old versions of datasets and models, where settings say so. It must not know how versions
 * are stored: it asks their stores, which refuse what is in use. Start at {@link
 * io.trainyard.store.retention.Retention}.
 */
@NullMarked
package io.trainyard.store.retention;

import org.jspecify.annotations.NullMarked;
