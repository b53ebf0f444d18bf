package io.trainyard.api;

import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document at {@code /v3/api-docs}, shown at {@code /docs}. */
@Configuration(proxyBeanMethods = false)
class ApiDocumentation {
  /** Created at the first request, which saves a second at every start. */
  @Bean
  static BeanFactoryPostProcessor lazyDocumentation() {
    return factory -> {
      for (String name : factory.getBeanDefinitionNames()) {
        BeanDefinition definition = factory.getBeanDefinition(name);
        if (isDocumentation(definition.getBeanClassName())
            || isDocumentation(definition.getFactoryBeanName())) {
          definition.setLazyInit(true);
        }
      }
    };
  }

  private static boolean isDocumentation(@Nullable String name) {
    return name != null && name.startsWith("org.springdoc");
  }

  /** Every operation that takes a key says so. */
  @Bean
  @Lazy
  OperationCustomizer documentedKeys() {
    return (operation, method) ->
        method.hasMethodAnnotation(TakesIdempotencyKey.class)
            ? operation.addParametersItem(
                new HeaderParameter()
                    .name("Idempotency-Key")
                    .description(
                        "A retry under the same key gets the first answer and creates nothing new;"
                            + " another request under it gets 422. Kept for 24 hours.")
                    .schema(new StringSchema().maxLength(255)))
            : operation;
  }

  @Bean
  @Lazy
  OpenApiCustomizer documentedOperations() {
    SpringDocUtils.getConfig()
        .replaceWithSchema(JsonNode.class, new ObjectSchema())
        .replaceWithSchema(ObjectNode.class, new ObjectSchema())
        .replaceWithSchema(ArrayNode.class, new ArraySchema())
        .addResponseWrapperToIgnore(ResponseEntity.class);
    return new DocumentedOperations();
  }
}
