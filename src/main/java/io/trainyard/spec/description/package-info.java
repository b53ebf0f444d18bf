/**
 * What the members of a request mean, in one place for each thing: summary, formula, members with
 * bounds, names in other libraries, an example. A description lies beside the class that reads it,
 * as a resource of the same name ({@code spec/layer/CoreSpec.json}); schemas, the OpenAPI document
 * and the reference pages are made from it. Knows no reader. Start at {@link
 * io.trainyard.spec.description.Descriptions}.
 *
 * <p>{@code DescriptionsTest} compares every description with its reader: members, defaults,
 * bounds, examples. {@code JsonSchemasTest} does the same for the schemas.
 */
@NullMarked
package io.trainyard.spec.description;

import org.jspecify.annotations.NullMarked;
