/**
 * What the service says about itself: JSON Schemas, the OpenAPI document, and the links that lead
 * to them. Made from the descriptions beside the readers and from the controllers themselves, at
 * the first request. Knows no store and no engine. Start at {@link
 * io.trainyard.api.docs.Reference}.
 *
 * <p>Tests: {@code DescriptionsTest} and {@code JsonSchemasTest} compare descriptions and schemas
 * with the readers; {@code GeneratedReferenceTest} writes the reference pages from them, {@code
 * ReferenceExamplesTest} runs the examples. {@code OpenApiTest} tests the document of {@code
 * OpenApiDocument}: {@code OperationEntry}, {@code OperationObject}, {@code ResponsesObject},
 * {@code AnswerContent}, {@code ProblemResponses}, {@code RequestForms}, {@code WireSchemas} and
 * {@code OpenApiController}. Every answer that a {@code ServiceTest} gets is compared with it, as
 * {@code AnswerCheckTest} shows; {@code GeneratedClientsTest} generates clients from it.
 */
@NullMarked
package io.trainyard.api.docs;

import org.jspecify.annotations.NullMarked;
