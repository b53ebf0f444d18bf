package io.trainyard.api.edge;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Adds to the server what its filters cannot do. */
@Configuration(proxyBeanMethods = false)
class EdgeConfiguration {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> slowSenders(EdgeProperties properties) {
    return factory -> factory.addEngineValves(new BodyRateValve(properties));
  }
}
