//! Every route and every layer of the product, on one screen.

use app::App;
use app::ssr::{redirects_shell, set_page_headers, shell, worker_security_policy};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state as with};
use axum::routing::get;
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes as _, generate_route_list, render_app_async_with_context};
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::answer::Answers;
use crate::middleware::{
    access_log, body_limit, cross_site, hosts, panic, programs, security_headers, shed, sign_in, timeout,
};
use crate::state::Site;
use crate::{api, assets, health};

/// Quality of Brotli and gzip for pages: about the size of the best at a tenth of its time.
const QUALITY: CompressionLevel = CompressionLevel::Precise(4);

/// All hosts of the site: the portal's, the files hosts where the S3 is inside, and no other.
pub fn router(site: &Site) -> Router {
    // The portal catches its own panics, inside its headers.
    let files = site.files.clone().map(|files| files.layer(with(Answers::new(&site.portal.assets.css), panic::catch)));
    let hosts = hosts::Hosts::new(&site.config, portal(site), files);
    Router::new().fallback(hosts::dispatch).with_state(hosts).layer(from_fn(access_log::record))
}

fn portal(site: &Site) -> Router {
    let Site { config, portal, identity, readiness, .. } = site;
    let (lifetimes, limits) = (config.lifetimes, config.limits);
    let answers = Answers::new(&portal.assets.css);
    let options = LeptosOptions::builder().output_name("causeway").build();
    let context = {
        let portal = portal.clone();
        move || {
            provide_context(portal.clone());
            set_page_headers();
        }
    };
    let api_limits = api::Limits {
        max_presign_s: lifetimes.max_presign_s,
        part_url_ttl_s: lifetimes.upload_url_s,
        ticket_ttl_s: lifetimes.upload_ticket_s,
    };

    // Some mail programs end an address with a slash.
    let redirects = ["/b/{bucket}/download", sign_in::SHARE_LINK].into_iter().fold(Router::new(), |router, path| {
        let page = get(render_app_async_with_context(context.clone(), redirects_shell));
        router.route(path, page.clone()).route(&format!("{path}/"), page)
    });
    // For people who are signed in, and `/s/…` for whoever holds the link.
    let signed_in = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context.clone(), shell)
        .merge(redirects)
        .nest("/api", api::router(api_limits).with_state(portal.clone()))
        // The pages' own router knows more spellings than this one: a slash at the end, dots in between. Whole, as every
        // page: a stream would have settled its status before it knows it, and would leave rows to scripts.
        .fallback(render_app_async_with_context(context, shell))
        .with_state(options)
        .layer(
            // The first is the outermost.
            ServiceBuilder::new()
                .layer(with(shed::Places::new(limits.max_concurrent_requests, answers.clone()), shed::shed))
                .layer(CompressionLayer::new().br(true).gzip(true).quality(QUALITY))
                .layer(with(
                    timeout::Timeout { limit: limits.request_timeout, answers: answers.clone() },
                    timeout::limit,
                ))
                .layer(with(
                    body_limit::BodyLimit { max_bytes: limits.max_body_bytes, answers: answers.clone() },
                    body_limit::limit,
                ))
                .layer(with(answers.clone(), programs::answer_in_json))
                .layer(with(
                    cross_site::CrossSite { portal_origin: portal.portal_origin.clone(), answers: answers.clone() },
                    cross_site::refuse,
                ))
                .layer(with(sign_in::SignIn { source: identity.clone(), answers: answers.clone() }, sign_in::require)),
        );

    // For everyone: the assets and the health checks.
    signed_in
        .merge(assets::routes(&config.site_root, &worker_security_policy(portal)))
        .merge(health::routes(readiness.clone()))
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(access_log::name_route))
                .layer(with(config.portal.scheme(), security_headers::add))
                .layer(with(answers, panic::catch)),
        )
}
