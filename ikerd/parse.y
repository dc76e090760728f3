/*
 * The grammar of ikerd.conf(5): keywords and usage lines are two tables, each
 * statement is one production whose action is a function of build.c.  Tokens
 * come from lex.c.  Called by load.c; one parse at a time.
 *
 * A new statement: a row in keywords[] if its words are new, a row in
 * usages[], a production, a build_ function.
 */
%{
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ikerd/build.h"
#include "ikerd/lex.h"
#include "ikerd/parse.h"
#include "ikerd/report.h"

static struct parser {
	struct lexer *lexer;
	struct report *report;
	struct build build;
	struct lex_value last;	/* the token read last, and its kind */
	int kind;
	int unread;		/* it is to be read again */
	int fresh;		/* the next token may begin a statement */
	int block;		/* keyword whose block is open, 0: top */
	int statement;		/* keyword of this statement, 0: none */
	uint32_t told;		/* place of the last syntax error */
} p;

static int yylex(void);
static void yyerror(const char *);
static int skip(unsigned int depth);
int yyparse(void);

/* After a syntax error go on behind the statement, to find the next one. */
#define RECOVER(depth)              \
	do {                        \
		if (skip(depth))    \
			YYABORT;    \
		yyclearin;          \
		yyerrok;            \
	} while (0)
%}

%union {
	struct lex_value v;
	struct lex_value words[4];
	int i;
}

%token <v> WORD STRING NUMBER BAD
%token <v> AAA ADDRESS ANY BACKUPSERVER BANNER CA CERTIFICATE CONFIG CRL CRYPTO
%token <v> DHRATE DNS DOMAIN DPD ESP FILTER GROUP
%token <v> HALFOPEN HALFOPENSOURCE HYBRID IDENTITY IDLE IKE INCLUDE INTERFACE
%token <v> KEEP KEEPALIVE
%token <v> KEY KEYFILE LEGACY LIFETIME LIMITS LISTEN LOCAL LOGIN NATT NETWORK
%token <v> NO ON PEER PFS POLICY POOL PORT PROCESSES PULL PUSH REMOTE SECURITY
%token <v> REJECT REPLACE UNIQUE USERSESSIONS
%token <v> LOCALLAN NETMASK RADIUS SAVEPASSWORD SERVER SESSION SESSIONS SPLITDNS
%token <v> INTERACTIVE TACACS TIMEOUT WINS XAUTH
%token <v> IPSECUDP
%type <v> name word time method
%type <words> algorithms
%type <i> legacy limit

%%

grammar
	: /* empty */
	| grammar '\n'
	| grammar statement '\n'
	;

statement
	: interface
	| listen
	| pool
	| legacy policy		{ build_policy_end(&p.build, $1); }
	| legacy esp		{ build_esp_end(&p.build, $1); }
	| legacy CERTIFICATE KEYFILE name KEY KEYFILE name
				{ build_certificate(&p.build, $1, &$4, &$7); }
	| legacy CA name KEYFILE name
				{ build_ca(&p.build, $1, &$3, &$5, NULL); }
	| legacy CA name KEYFILE name CRL KEYFILE name
				{ build_ca(&p.build, $1, &$3, &$5, &$8); }
	| group
	| aaa
	| LIMITS '{' limits '}'
	| DPD time		{ build_dpd(&p.build, &$2); }
	| NO DPD		{ build_dpd(&p.build, NULL); }
	| KEEPALIVE time	{ build_keepalive(&p.build, &$2); }
	| NO KEEPALIVE		{ build_keepalive(&p.build, NULL); }
	| CRYPTO PROCESSES NUMBER
				{ build_crypto(&p.build, &$3); }
	| FILTER KEEP		{ build_filter_keep(&p.build); }
	| error			{ RECOVER(0); }
	;

name	: WORD | STRING ;
word	: WORD | NUMBER ;
time	: WORD | NUMBER ;

legacy	: /* empty */		{ $$ = 0; }
	| LEGACY		{ $$ = 1; }
	;

/* separators within blocks */
ends	: end | ends end ;
end	: '\n' | ';' ;
maybe	: /* empty */ | ends ;

interface
	: interface_head
	| interface_head '{' maybe '}'
	| interface_head '{' maybe addresses maybe '}'
	;
interface_head
	: INTERFACE name name SECURITY NUMBER
				{ build_interface(&p.build, &$2, &$3, &$5); }
	;
addresses
	: address
	| addresses ends address
	;
address	: ADDRESS word		{ build_interface_address(&p.build, &$2); }
	| error			{ RECOVER(1); }
	;

listen	: listen_head listen_ports ;
listen_head
	: LISTEN ON word	{ build_listen(&p.build, &$3); }
	;
listen_ports
	: /* empty */
	| listen_ports PORT NUMBER
				{ build_listen_port(&p.build, &$3, 0); }
	| listen_ports NATT PORT NUMBER
				{ build_listen_port(&p.build, &$4, 1); }
	;

pool	: POOL name word '-' word
				{ build_pool(&p.build, &$2, &$3, &$5); }
	;

policy	: policy_head policy_options ;
policy_head
	: IKE POLICY NUMBER algorithms
				{ build_policy(&p.build, &$3, $4); }
	;
method	: word | HYBRID ;
algorithms
	: method word word word	{
		$$[0] = $1;
		$$[1] = $2;
		$$[2] = $3;
		$$[3] = $4;
	}
	;
policy_options
	: /* empty */
	| policy_options LIFETIME time
				{ build_policy_lifetime(&p.build, &$3); }
	;

esp	: esp_head esp_options ;
esp_head
	: ESP name word word	{ build_esp(&p.build, &$2, &$3, &$4); }
	| ESP name word		{ build_esp(&p.build, &$2, &$3, NULL); }
	;
esp_options
	: /* empty */
	| esp_options PFS word	{ build_esp_pfs(&p.build, &$3); }
	| esp_options LIFETIME time
				{ build_esp_lifetime(&p.build, &$3); }
	| esp_options LIFETIME NUMBER WORD
				{ build_esp_lifetime_kb(&p.build, &$3, &$4); }
	;

aaa	: AAA name LOCAL	{ build_aaa(&p.build, &$2, LOGIN_LOCAL); }
	| aaa_head '{' maybe '}'
	| aaa_head '{' maybe servers maybe '}'
	;
aaa_head
	: AAA name RADIUS	{ build_aaa(&p.build, &$2, LOGIN_RADIUS); }
	| AAA name TACACS	{ build_aaa(&p.build, &$2, LOGIN_TACACS); }
	;
servers	: server
	| servers ends server
	;
server	: legacy server_head server_options
				{ build_server_end(&p.build, $1); }
	| error			{ RECOVER(1); }
	;
server_head
	: SERVER word		{ build_server(&p.build, &$2); }
	;
server_options
	: /* empty */
	| server_options KEY KEYFILE name
				{ build_server_key(&p.build, &$4, 1); }
	| server_options KEY STRING
				{ build_server_key(&p.build, &$3, 0); }
	| server_options PORT NUMBER
				{ build_server_port(&p.build, &$3); }
	| server_options TIMEOUT time
				{ build_server_timeout(&p.build, &$3); }
	| server_options INTERACTIVE
				{ build_server_interactive(&p.build, &$2); }
	;

limits	: limits_maybe
	| limits_maybe limit_list limits_maybe
	;
limit_list
	: limit_item
	| limit_list limit_ends limit_item
	;
limit_item
	: limit NUMBER		{ build_limit(&p.build, $1, &$2); }
	| error			{ RECOVER(1); }
	;
limit	: HALFOPEN		{ $$ = LIMIT_HALF_OPEN; }
	| HALFOPENSOURCE	{ $$ = LIMIT_HALF_OPEN_SOURCE; }
	| SESSIONS		{ $$ = LIMIT_SESSIONS; }
	| DHRATE		{ $$ = LIMIT_DH_RATE; }
	;
limit_end
	: end | ',' ;
limit_ends
	: limit_end | limit_ends limit_end ;
limits_maybe
	: /* empty */ | limit_ends ;

group	: group_head '{' maybe '}'
	| group_head '{' maybe group_options maybe '}'
	;
group_head
	: GROUP name		{ build_group(&p.build, &$2); }
	| PEER word		{ build_peer(&p.build, &$2); }
	| PEER ANY		{ build_peer_any(&p.build, &$2); }
	;
group_options
	: group_option
	| group_options ends group_option
	;
group_option
	: KEY KEYFILE name	{ build_group_key(&p.build, &$3, 1); }
	| KEY STRING		{ build_group_key(&p.build, &$2, 0); }
	| CA name		{ build_group_ca(&p.build, &$2); }
	| IDENTITY name		{ build_group_identity(&p.build, &$2); }
	| HYBRID		{ build_group_hybrid(&p.build, &$1); }
	| POOL name		{ build_group_pool(&p.build, &$2); }
	| LOGIN logins
	| NO LOGIN		{ build_group_no_login(&p.build, &$1); }
	| NO XAUTH		{ build_group_no_login(&p.build, &$1); }
	| NO CONFIG		{ build_group_no_config(&p.build, &$1); }
	| ESP '{' newlines esp_names newlines '}'
	| ESP name		{ build_group_esp(&p.build, &$2); }
	| IDLE time		{ build_group_idle(&p.build, &$2); }
	| SESSION time		{ build_group_session(&p.build, &$2); }
	| DNS dns
	| WINS wins
	| DOMAIN name		{ build_group_domain(&p.build, &$2); }
	| BANNER STRING		{ build_group_banner(&p.build, &$2); }
	| NETWORK word		{ build_group_network(&p.build, &$2); }
	| IPSECUDP PORT NUMBER	{ build_group_udp(&p.build, &$3); }
	| REMOTE NETWORK word	{ build_group_remote(&p.build, &$3); }
	| NETMASK word		{ build_group_netmask(&p.build, &$2); }
	| LOCALLAN word		{ build_group_local_lan(&p.build, &$2); }
	| SPLITDNS split_dns
	| BACKUPSERVER backup
	| UNIQUE KEEP	{ build_group_unique(&p.build, UNIQUE_KEEP); }
	| UNIQUE REPLACE
			{ build_group_unique(&p.build, UNIQUE_REPLACE); }
	| UNIQUE REJECT	{ build_group_unique(&p.build, UNIQUE_REJECT); }
	| SESSIONS NUMBER	{ build_group_sessions(&p.build, &$2); }
	| USERSESSIONS NUMBER
				{ build_group_user_sessions(&p.build, &$2); }
	| XAUTH name		{ build_group_xauth(&p.build, &$2); }
	| SAVEPASSWORD		{ build_group_save_password(&p.build); }
	| CONFIG PUSH		{ build_group_config(&p.build, CONFIG_PUSH); }
	| CONFIG PULL		{ build_group_config(&p.build, CONFIG_PULL); }
	| error			{ RECOVER(1); }
	;
newlines
	: /* empty */ | newlines '\n' ;
comma	: /* empty */ | ',' newlines ;
esp_names
	: name			{ build_group_esp(&p.build, &$1); }
	| esp_names comma name	{ build_group_esp(&p.build, &$3); }
	;
dns	: word		{ build_group_server(&p.build, SERVER_DNS, &$1); }
	| dns comma word
			{ build_group_server(&p.build, SERVER_DNS, &$3); }
	;
split_dns
	: name			{ build_group_split_dns(&p.build, &$1); }
	| split_dns comma name	{ build_group_split_dns(&p.build, &$3); }
	;
logins	: name		{ build_group_login(&p.build, &$1, 1); }
	| logins comma name
			{ build_group_login(&p.build, &$3, 0); }
	;
backup	: name			{ build_group_backup(&p.build, &$1); }
	| backup comma name	{ build_group_backup(&p.build, &$3); }
	;
wins	: word		{ build_group_server(&p.build, SERVER_WINS, &$1); }
	| wins comma word
			{ build_group_server(&p.build, SERVER_WINS, &$3); }
	;

%%

/* Every word that is not a name, in order of strcmp(3). */
static const struct keyword {
	const char *name;
	int token;
} keywords[] = {
	{ "aaa", AAA },
	{ "address", ADDRESS },
	{ "any", ANY },
	{ "backup-server", BACKUPSERVER },
	{ "banner", BANNER },
	{ "ca", CA },
	{ "certificate", CERTIFICATE },
	{ "config", CONFIG },
	{ "crl", CRL },
	{ "crypto", CRYPTO },
	{ "dh-rate", DHRATE },
	{ "dns", DNS },
	{ "domain", DOMAIN },
	{ "dpd", DPD },
	{ "esp", ESP },
	{ "file", KEYFILE },
	{ "filter", FILTER },
	{ "group", GROUP },
	{ "half-open", HALFOPEN },
	{ "half-open-source", HALFOPENSOURCE },
	{ "hybrid", HYBRID },
	{ "identity", IDENTITY },
	{ "idle", IDLE },
	{ "ike", IKE },
	{ "include", INCLUDE },
	{ "interactive", INTERACTIVE },
	{ "interface", INTERFACE },
	{ "ipsec-udp", IPSECUDP },
	{ "keep", KEEP },
	{ "keepalive", KEEPALIVE },
	{ "key", KEY },
	{ "legacy", LEGACY },
	{ "lifetime", LIFETIME },
	{ "limits", LIMITS },
	{ "listen", LISTEN },
	{ "local", LOCAL },
	{ "local-lan", LOCALLAN },
	{ "login", LOGIN },
	{ "nat-t", NATT },
	{ "netmask", NETMASK },
	{ "network", NETWORK },
	{ "no", NO },
	{ "on", ON },
	{ "peer", PEER },
	{ "pfs", PFS },
	{ "policy", POLICY },
	{ "pool", POOL },
	{ "port", PORT },
	{ "processes", PROCESSES },
	{ "pull", PULL },
	{ "push", PUSH },
	{ "radius", RADIUS },
	{ "reject", REJECT },
	{ "remote", REMOTE },
	{ "replace", REPLACE },
	{ "save-password", SAVEPASSWORD },
	{ "security", SECURITY },
	{ "server", SERVER },
	{ "session", SESSION },
	{ "sessions", SESSIONS },
	{ "split-dns", SPLITDNS },
	{ "tacacs+", TACACS },
	{ "timeout", TIMEOUT },
	{ "unique", UNIQUE },
	{ "user-sessions", USERSESSIONS },
	{ "wins", WINS },
	{ "xauth", XAUTH },
};
#define NKEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

/* How each statement is written, by the block it stands in. */
static const struct usage {
	int block, statement;
	const char *text;
} usages[] = {
	{ 0, AAA, "aaa \"NAME\" local, or aaa \"NAME\" tacacs+ { ... }, or aaa "
	    "\"NAME\" radius { ... }" },
	{ 0, CA, "ca \"NAME\" file \"FILE\" [crl file \"FILE\"]" },
	{ 0, CERTIFICATE, "certificate file \"FILE\" key file \"FILE\"" },
	{ 0, CRYPTO, "crypto processes N" },
	{ 0, DPD, "dpd TIME" },
	{ 0, ESP, "esp \"NAME\" CIPHER HASH [pfs GROUP] [lifetime TIME] "
	    "[lifetime N kB]" },
	{ 0, FILTER, "filter keep" },
	{ 0, GROUP, "group \"NAME\" { ... }" },
	{ 0, IKE, "ike policy N AUTHENTICATION CIPHER HASH GROUP "
	    "[lifetime TIME]" },
	{ 0, INCLUDE, "include \"FILE\"" },
	{ 0, INTERFACE, "interface NAME DEVICE security LEVEL "
	    "{ address ADDRESS/BITS }" },
	{ 0, KEEPALIVE, "keepalive TIME" },
	{ 0, LEGACY, "legacy before ike policy, esp, "
	    "certificate or ca" },
	{ 0, LIMITS, "limits { half-open N, half-open-source N, sessions N, "
	    "dh-rate N }" },
	{ 0, LISTEN, "listen on ADDRESS [port N] [nat-t port N]" },
	{ 0, NO, "no dpd, or no keepalive" },
	{ 0, PEER, "peer any { ... }, peer ADDRESS { ... }, or peer "
	    "ADDRESS/BITS { ... }" },
	{ 0, POOL, "pool \"NAME\" FIRST - LAST" },
	{ AAA, LEGACY, "legacy before server" },
	{ AAA, SERVER, "server ADDRESS key file \"FILE\" [port N] "
	    "[timeout TIME] [interactive]" },
	{ GROUP, BACKUPSERVER, "backup-server ADDRESS, ..." },
	{ GROUP, BANNER, "banner \"TEXT\"" },
	{ GROUP, CA, "ca \"NAME\"" },
	{ GROUP, CONFIG, "config push, or config pull" },
	{ GROUP, DNS, "dns ADDRESS, ..." },
	{ GROUP, DOMAIN, "domain \"NAME\"" },
	{ GROUP, ESP, "esp { \"NAME\", ... }" },
	{ GROUP, HYBRID, "hybrid" },
	{ GROUP, IDENTITY, "identity \"PATTERN\"" },
	{ GROUP, IDLE, "idle TIME" },
	{ GROUP, IPSECUDP, "ipsec-udp port N" },
	{ GROUP, KEY, "key file \"FILE\", or key \"TEXT\"" },
	{ GROUP, LOCALLAN, "local-lan ADDRESS/BITS" },
	{ GROUP, LOGIN, "login \"LIST\", ..." },
	{ GROUP, NETMASK, "netmask ADDRESS" },
	{ GROUP, NETWORK, "network ADDRESS/BITS" },
	{ GROUP, NO, "no login, no xauth, or no config" },
	{ GROUP, POOL, "pool \"NAME\"" },
	{ GROUP, REMOTE, "remote network ADDRESS/BITS" },
	{ GROUP, SAVEPASSWORD, "save-password" },
	{ GROUP, SESSION, "session TIME" },
	{ GROUP, SESSIONS, "sessions N" },
	{ GROUP, SPLITDNS, "split-dns \"DOMAIN\", ..." },
	{ GROUP, UNIQUE, "unique keep, unique replace, or unique reject" },
	{ GROUP, USERSESSIONS, "user-sessions N" },
	{ GROUP, WINS, "wins ADDRESS, ..." },
	{ GROUP, XAUTH, "xauth password, xauth chap, or xauth token" },
	{ INTERFACE, ADDRESS, "address ADDRESS/BITS" },
	{ LIMITS, DHRATE, "dh-rate N" },
	{ LIMITS, HALFOPEN, "half-open N" },
	{ LIMITS, HALFOPENSOURCE, "half-open-source N" },
	{ LIMITS, SESSIONS, "sessions N" },
};
#define NUSAGES (sizeof(usages) / sizeof(usages[0]))

static int
keyword_cmp(const void *name, const void *row)
{
	return strcmp(name, ((const struct keyword *)row)->name);
}

static const struct keyword *
keyword_find(const char *name)
{
	return bsearch(name, keywords, NKEYWORDS, sizeof(keywords[0]),
	    keyword_cmp);
}

static const char *
keyword_name(int token)
{
	size_t i;

	for (i = 0; i < NKEYWORDS; i++) {
		if (keywords[i].token == token)
			return keywords[i].name;
	}
	return "";
}

static int
token_of(int kind, const struct lex_value *v)
{
	const struct keyword *k;

	switch (kind) {
	case LEX_WORD:
		k = keyword_find(v->text);
		return k != NULL ? k->token : WORD;
	case LEX_STRING:
		return STRING;
	case LEX_NUMBER:
		return NUMBER;
	case LEX_BAD:
		return BAD;
	default:
		return kind;
	}
}

/* Which statement are we in: for the usage line of a syntax error. */
static void
follow(int token)
{
	unsigned int depth = lex_depth(p.lexer);

	if (token == '{' && depth == 1) {
		/* the same stands in a group's and in a peer's braces */
		p.block = p.statement == PEER ? GROUP : p.statement;
		p.statement = 0;
		p.fresh = 1;
	} else if (token == '}' && depth == 0) {
		p.statement = p.block;
		p.block = 0;
		p.fresh = 0;
	} else if ((token == '\n' || token == ';') && depth <= 1) {
		p.fresh = 1;
	} else if (token == ',' && depth == 1 && p.block == LIMITS) {
		p.fresh = 1;
	} else if (p.fresh) {
		p.statement = token > 255 ? token : 0;
		p.fresh = token == LEGACY;
	}
}

static int
yylex(void)
{
	int token;

	if (p.unread) {
		p.unread = 0;
	} else {
		p.kind = lex_next(p.lexer, &p.last);
	}
	token = token_of(p.kind, &p.last);
	follow(token);
	yylval.v = p.last;
	return token;
}

/*
 * After a syntax error: go to the end of the statement, outside of all braces
 * (depth 0) or within one (1).  The token that ends it is read again; 1 at the
 * end of everything.
 */
static int
skip(unsigned int depth)
{
	for (;;) {
		if (p.kind == LEX_END)
			return 1;
		if ((p.kind == '\n' || (p.kind == ';' && depth > 0)) &&
		    lex_depth(p.lexer) <= depth)
			break;
		if (p.kind == '}' && depth > 0 && lex_depth(p.lexer) < depth)
			break;
		p.kind = lex_next(p.lexer, &p.last);
		follow(token_of(p.kind, &p.last));
	}
	p.unread = 1;
	return 0;
}

/* "aaa, dpd, esp, ...": what may begin a statement here. */
static void
list_statements(int block, char *buf, size_t size)
{
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < NUSAGES; i++) {
		if (usages[i].block != block)
			continue;
		if (buf[0] != '\0')
			(void)strlcat(buf, ", ", size);
		(void)strlcat(buf, keyword_name(usages[i].statement), size);
	}
}

static void
yyerror(const char *unused)
{
	char found[128], names[512];
	size_t i;

	if (p.kind == LEX_BAD || p.told == p.last.place) {
		p.told = p.last.place; /* said already */
		return;
	}
	p.told = p.last.place;
	if (p.kind == LEX_END)
		(void)strlcpy(found, "the end of the file", sizeof(found));
	else if (p.kind == '\n')
		(void)strlcpy(found, "the end of the line", sizeof(found));
	else
		(void)snprintf(found, sizeof(found), "\"%.100s\"", p.last.text);
	for (i = 0; i < NUSAGES; i++) {
		if (usages[i].block == p.block &&
		    usages[i].statement == p.statement) {
			report_error(p.report, p.last.place,
			    "found %s, expected: %s", found, usages[i].text);
			return;
		}
	}
	list_statements(p.block, names, sizeof(names));
	report_error(p.report, p.last.place,
	    "found %s, expected one of: %s", found, names);
}

void
parse_tokens(struct lexer *lexer, struct conf *conf, struct report *report)
{
	memset(&p, 0, sizeof(p));
	p.lexer = lexer;
	p.report = report;
	p.build.conf = conf;
	p.build.report = report;
	p.fresh = 1;
	p.kind = '\n';
	(void)yyparse();
	memset(&p, 0, sizeof(p));
}
