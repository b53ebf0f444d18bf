/**
 * What the service says about itself: JSON Schemas, the OpenAPI document, and the links that lead
 * to them. Made from the descriptions beside the readers and from the controllers themselves, at
 * the first request. Knows no store and no engine. Start at {@link
 * io.trainyard.api.docs.Reference}.
 */
@NullMarked
package io.trainyard.api.docs;

import org.jspecify.annotations.NullMarked;
