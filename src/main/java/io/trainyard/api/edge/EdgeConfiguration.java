package io.trainyard.api.edge;

import static io.trainyard.api.edge.HttpServerProtocol.FILES_SHARE;

import io.trainyard.access.Proxies;
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
      EdgeProperties properties, Proxies proxies, Spans spans, OwnConnections own) {
    return factory ->
        factory.addEngineValves(
            new RequestValve(properties.accessLog(), proxies, spans, own),
            new BodyRateValve(properties));
  }

  @Bean
  OwnConnections ownConnections() {
    return new OwnConnections();
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedConnections(
      EdgeProperties properties, Proxies proxies, OwnConnections own) {
    return factory -> bound(factory, properties, proxies, own, Integer.MAX_VALUE, FILES_SHARE);
  }

  /** Bounds the connections of a server. */
  static void bound(
      TomcatServletWebServerFactory factory,
      EdgeProperties properties,
      Proxies proxies,
      OwnConnections own,
      int most,
      int filesShare) {
    factory.setProtocol(HttpServerProtocol.class.getName());
    factory.addConnectorCustomizers(
        connector -> {
          if (connector.getProtocolHandler() instanceof HttpServerProtocol protocol) {
            int configured = protocol.getMaxConnections(); // below 1: no bound
            protocol.setMaxConnections(configured < 1 ? most : Math.min(most, configured));
            protocol.bound(proxies, own, properties.headTime(), filesShare);
          }
        });
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
