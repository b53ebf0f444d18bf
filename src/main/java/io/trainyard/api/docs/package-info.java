/**
 * What the service says about itself: JSON Schemas, the OpenAPI document, pages for its errors, and
 * the links that lead to them. Made from the descriptions beside the readers and from the
 * controllers themselves, at the first request. Knows no store and no engine. Start at {@link
 * io.trainyard.api.docs.Reference}.
 *
 * <p>{@code DescriptionsTest}, {@code JsonSchemasTest} and {@code OpenApiTest} hold it to what the
 * service does.
 */
@NullMarked
package io.trainyard.api.docs;

import org.jspecify.annotations.NullMarked;
