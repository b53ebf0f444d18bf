package io.trainyard.api.edge;

import static io.trainyard.api.edge.HttpServerProtocol.FILES_SHARE;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.access.FairSlots;
import io.trainyard.access.Proxies;
import io.trainyard.trace.Spans;
import java.util.function.Consumer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
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
      EdgeProperties properties, Proxies proxies, OwnConnections own, MeterRegistry meters) {
    return factory ->
        bound(
            factory,
            properties,
            proxies,
            own,
            Integer.MAX_VALUE,
            FILES_SHARE,
            places -> places.measured("connections", meters));
  }

  /**
   * Bounds the connections of a server.
   *
   * @param shown gets the places of its connections
   */
  static void bound(
      TomcatServletWebServerFactory factory,
      EdgeProperties properties,
      Proxies proxies,
      OwnConnections own,
      int most,
      int filesShare,
      Consumer<FairSlots> shown) {
    factory.setProtocol(HttpServerProtocol.class.getName());
    factory.addConnectorCustomizers(
        connector -> {
          if (connector.getProtocolHandler() instanceof HttpServerProtocol protocol) {
            int configured = protocol.getMaxConnections(); // below 1: no bound
            protocol.setMaxConnections(configured < 1 ? most : Math.min(most, configured));
            shown.accept(protocol.bound(proxies, own, properties.headTime(), filesShare));
          }
        });
  }

  @Bean
  WebMvcRegistrations shortWayOfPredictions() {
    return new WebMvcRegistrations() {
      @Override
      public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
        return new FrequentRoutes();
      }

      @Override
      public RequestMappingHandlerAdapter getRequestMappingHandlerAdapter() {
        return new DirectCalls();
      }
    };
  }
}
