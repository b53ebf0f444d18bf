/**
 * What the members of a request mean, in one place for each thing: summary, formula, members with
 * bounds, names in other libraries, an example. A description lies beside the class that reads it,
 * as a resource of the same name ({@code spec/layer/CoreSpec.json}); schemas, the OpenAPI document
 * and the reference pages are made from it. Knows no reader. Start at {@link
 * io.trainyard.spec.description.Descriptions}.
 */
@NullMarked
package io.trainyard.spec.description;

import org.jspecify.annotations.NullMarked;
