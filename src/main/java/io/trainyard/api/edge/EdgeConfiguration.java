package io.trainyard.api.edge;

import io.trainyard.trace.Spans;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Adds to the server what its filters cannot do. */
@Configuration(proxyBeanMethods = false)
class EdgeConfiguration {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> edgeValves(
      EdgeProperties properties, Spans spans) {
    return factory ->
        factory.addEngineValves(
            new RequestValve(properties.accessLog(), spans), new BodyRateValve(properties));
  }

  @Bean
  WebMvcRegistrations frequentRoutes() {
    return new WebMvcRegistrations() {
      @Override
      public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
        return new FrequentRoutes();
      }
    };
  }
}
