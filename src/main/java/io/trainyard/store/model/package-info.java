/** The store behind the ports of models. */
@NullMarked
package io.trainyard.store.model;

import org.jspecify.annotations.NullMarked;
