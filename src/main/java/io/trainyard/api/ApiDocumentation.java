package io.trainyard.api;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The description of this interface, at {@code /v3/api-docs} and {@code /docs}. */
@Configuration(proxyBeanMethods = false)
class ApiDocumentation {
  /** Made when somebody first asks: a second off the start of every process. */
  @Bean
  static BeanFactoryPostProcessor documentationWhenAskedFor() {
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

  private static boolean isDocumentation(@org.jspecify.annotations.Nullable String name) {
    return name != null && name.startsWith("org.springdoc");
  }
}
