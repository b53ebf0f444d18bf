/**
 * What the members of a request mean, in one place for each thing: summary, formula, members with
 * bounds, names in other libraries, an example. A layer, an activation, an optimizer or a metric
 * describes itself in the file that reads it ({@link io.trainyard.spec.description.Described});
 * other things are described by a resource beside the class that reads them, of the same name
 * ({@code spec/InputSpec.json}). Schemas, the OpenAPI document and the reference pages are made
 * from it. Knows no reader. Start at {@link io.trainyard.spec.description.Descriptions}.
 */
@NullMarked
package io.trainyard.spec.description;

import org.jspecify.annotations.NullMarked;
