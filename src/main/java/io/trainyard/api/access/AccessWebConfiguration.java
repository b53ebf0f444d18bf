package io.trainyard.api.access;

import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Authorizes before any other interceptor looks at a request. */
@Configuration(proxyBeanMethods = false)
record AccessWebConfiguration(Authorization authorization) implements WebMvcConfigurer {
  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(authorization).order(Ordered.HIGHEST_PRECEDENCE);
  }
}
