/* wload - WHIP/WHEP WebRTC load generator (real ICE + DTLS-SRTP peers), C.
 * gcc -O2 -o wload wload.c -lssl -lcrypto -lsrtp2 -lm
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <stdarg.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <dirent.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/rand.h>
#include <srtp2/srtp.h>
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#define MAGIC "WLOADTS!"
#define STREAMS 40 /* that one viewer may get */
#define ASKS 512 /* lost packets that one viewer waits for */
#define LAYERS 3 /* of one picture */
#define SEEN 2048 /* transport-wide numbers between two reports, a power of two */
enum{X_MID=1,X_RID,X_LEVEL,X_NUMBER,X_REPAIRED}; /* header extensions, as we number them */

typedef struct peer {
  int id, fd, is_pub, room, controlling, server_offer;
  char ufrag[9], pwd[25], rufrag[300], rpwd[300], mid[64], location[512];
  struct sockaddr_in raddr; int has_raddr, ice_ok, dtls_client, dtls_ok, pt;
  uint8_t tid[12]; double next_stun;
  SSL *ssl; BIO *rb, *wb;
  srtp_t tx, rx;
  uint32_t ssrc; uint16_t seq; uint32_t ts;
  /* stats */
  uint64_t rcv, rcvbytes, dec_ok, dec_err, rtcp_in, pli, nack; 
  struct {uint32_t ssrc, ext_max, ext_first; uint64_t rcv, base;} in[STREAMS]; int nin; double t_post, t_conn, t_first;
  struct {uint32_t ssrc; uint16_t seq; int k, tries; double t;} ask[ASKS]; int nask, said, rtxpt; /* --nack: the first `said` are asked for */
  uint32_t assrc; uint16_t aseq; uint32_t ats; double a_due; int apt;
  double next_rr;
  struct {uint32_t ssrc, ts; uint16_t seq, picid; int wanted, fi; double due; uint64_t n;} lay[LAYERS]; uint16_t number; /* --rids */
  int64_t *seen; uint16_t base, top; int heard, reports; double next_report; /* --twcc: when each number came, 0 not yet */
} peer;

static struct { char *whip,*whep; int subs,pubs,rooms,size,burst,verify,profile,server_offer,gro,rr,fps,quiet; double pps,secs,warm; int spid; char *ivf; int hold; double conc; char *tag; int mixsec,tiles,sounds,rtx; double nack,flood,every,joinpps; int twcc,loud,gaps,steps; char *rids;} o =
 {.subs=10,.pubs=1,.rooms=1,.size=1100,.burst=5,.verify=8,.profile=0,.rr=1,.fps=30,.pps=1000,.secs=10,.warm=2,.tag="",.tiles=1,.sounds=0};
static char *bearer; static char *U[4096][3]; static int nU; /* --urls FILE: a line per room: WHIP WHEP TOKEN */
static SSL_CTX *ctx; static char fp[128]; static int ep;
static peer *P; static int nP;
static double *lat; static size_t nlat, caplat; static int measuring;
static uint64_t sent_pkts;
static struct {char rid[16]; double kbps;} R[LAYERS]; static int nR; static uint64_t by_layer[LAYERS], told_up; /* --rids */
static char host_of[128]; /* signalled with; its candidate is taken where there are several */
static int ending; /* --gaps: only what was asked for may still come */
static int losing; static uint64_t asked, by_rtx, by_plain, unasked; static double *rep; static size_t nrep, caprep; /* --nack */
static struct {uint8_t b[1600]; int n;} tape[256]; static int ntape; /* --flood: what the first publisher sent lately, sealed */

static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+t.tv_nsec*1e-9;}
static uint64_t rtns(void){struct timespec t;clock_gettime(CLOCK_REALTIME,&t);return t.tv_sec*1000000000ull+t.tv_nsec;}
static void die(const char*f,...){va_list a;va_start(a,f);vfprintf(stderr,f,a);va_end(a);fputc('\n',stderr);exit(1);}
static void rnds(char*s,int n){static const char c[]="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";uint8_t b[64];RAND_bytes(b,n);for(int i=0;i<n;i++)s[i]=c[b[i]%62];s[n]=0;}

/* ---------- HTTP ---------- */
static int http(const char*method,const char*url,const char*body,char*out,size_t outsz,char*loc,size_t locsz){
  char host[128],path[512]="/";int port=80;const char*u=url; if(strncmp(u,"http://",7))die("only http: %s",url);u+=7;
  const char*sl=strchr(u,'/');size_t hl=sl?(size_t)(sl-u):strlen(u);snprintf(host,sizeof host,"%.*s",(int)hl,u);if(sl)snprintf(path,sizeof path,"%s",sl);
  char*c=strchr(host,':');if(c){*c=0;port=atoi(c+1);}
  snprintf(host_of,sizeof host_of,"%s",host);if(strcmp(host,"127.0.0.1")&&strcmp(host,"localhost")&&!o.quiet)fprintf(stderr,"note: non-loopback signalling host %s\n",host);
  struct hostent*he=gethostbyname(host);if(!he)die("host %s",host);
  int s=socket(AF_INET,SOCK_STREAM,0);struct sockaddr_in a={.sin_family=AF_INET,.sin_port=htons(port)};memcpy(&a.sin_addr,he->h_addr,4);
  struct timeval tv={20,0};setsockopt(s,SOL_SOCKET,SO_RCVTIMEO,&tv,sizeof tv);
  if(connect(s,(void*)&a,sizeof a))die("connect %s:%d %s",host,port,strerror(errno));
  char auth[2200]="";if(bearer)snprintf(auth,sizeof auth,"Authorization: Bearer %s\r\n",bearer);
  static char req[70000];int n=snprintf(req,sizeof req,"%s %s HTTP/1.1\r\nHost: %s:%d\r\n%sContent-Type: application/sdp\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",method,path,host,port,auth,body?strlen(body):0,body?body:"");
  if(write(s,req,n)!=n)die("http write");
  static char buf[100000];int len=0,r;while(len<(int)sizeof buf-1&&(r=read(s,buf+len,sizeof buf-1-len))>0){len+=r;buf[len]=0;char*e=strstr(buf,"\r\n\r\n");if(e){char*cl=strcasestr(buf,"\r\ncontent-length:");if(cl&&cl<e&&len-(e+4-buf)>=atoi(cl+17))break;}}
  close(s);buf[len]=0;int code=0;sscanf(buf,"HTTP/1.%*d %d",&code);char*e=strstr(buf,"\r\n\r\n");
  if(loc){loc[0]=0;char*l=strcasestr(buf,"\r\nlocation:");if(l&&l<e){l+=11;while(*l==' ')l++;char*x=strstr(l,"\r\n");char t[512];snprintf(t,sizeof t,"%.*s",(int)(x-l),l);if(t[0]=='/')snprintf(loc,locsz,"http://%s:%d%s",host,port,t);else snprintf(loc,locsz,"%s",t);}}
  if(out){out[0]=0;if(e){e+=4;if(strcasestr(buf,"transfer-encoding: chunked")){char*q=strstr(e,"\r\n");if(q){size_t L=strtoul(e,0,16);snprintf(out,outsz,"%.*s",(int)L,q+2);}}else snprintf(out,outsz,"%s",e);}}
  return code;
}
/* ---------- SDP ---------- */
static void mkcert(void){
  EVP_PKEY*k=EVP_EC_gen("P-256");X509*x=X509_new();X509_set_version(x,2);ASN1_INTEGER_set(X509_get_serialNumber(x),1+rand());
  X509_gmtime_adj(X509_getm_notBefore(x),-3600);X509_gmtime_adj(X509_getm_notAfter(x),86400*7);X509_set_pubkey(x,k);
  X509_NAME*nm=X509_get_subject_name(x);X509_NAME_add_entry_by_txt(nm,"CN",MBSTRING_ASC,(void*)"wload",-1,-1,0);X509_set_issuer_name(x,nm);X509_sign(x,k,EVP_sha256());
  uint8_t d[32];unsigned dl;X509_digest(x,EVP_sha256(),d,&dl);for(unsigned i=0;i<dl;i++)sprintf(fp+strlen(fp),"%s%02X",i?":":"",d[i]);
  ctx=SSL_CTX_new(DTLS_method());SSL_CTX_use_certificate(ctx,x);SSL_CTX_use_PrivateKey(ctx,k);SSL_CTX_set_verify(ctx,SSL_VERIFY_NONE,0);
  SSL_CTX_set_options(ctx,SSL_OP_NO_QUERY_MTU);
  if(SSL_CTX_set_tlsext_use_srtp(ctx,o.profile==1?"SRTP_AES128_CM_SHA1_80":o.profile==0?"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80":"SRTP_AEAD_AES_256_GCM"))die("use_srtp");
}
static int verifycb(int a,X509_STORE_CTX*b){(void)a;(void)b;return 1;}
static int lport(int fd){struct sockaddr_in a;socklen_t l=sizeof a;getsockname(fd,(void*)&a,&l);return ntohs(a.sin_port);}
static const char*bindip;
static int mline(peer*p,char*b,size_t n,const char*setup,int i,int audio){
  char mid[16],tr[600],sl[600]="";if(!i)snprintf(mid,16,"%s",p->mid);else snprintf(mid,16,"%d",i);uint32_t ssrc=audio?p->assrc:p->ssrc;int pt=audio?p->apt:p->pt;
  snprintf(tr,sizeof tr,"c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:1 1 udp 2130706431 %s %d typ host\r\na=end-of-candidates\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:%s\r\na=mid:%s\r\na=%s\r\na=rtcp-mux\r\n",bindip,lport(p->fd),p->ufrag,p->pwd,fp,setup,mid,p->is_pub?"sendonly":"recvonly");
  char ex[600]="";int nx=0;
  if(o.twcc||nR)nx=snprintf(ex,sizeof ex,"a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:%d http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=rtcp-fb:%d transport-cc\r\n",X_MID,X_NUMBER,pt);
  if(audio&&(o.loud||o.twcc))nx+=snprintf(ex+nx,sizeof ex-nx,"a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",X_LEVEL);
  if(p->is_pub&&nR&&!audio)snprintf(sl,sizeof sl,"a=msid:s%d t%d\r\na=rid:%s send\r\na=rid:%s send\r\na=rid:%s send\r\na=simulcast:send %s;%s;%s\r\na=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n",p->id,p->id,R[0].rid,R[1].rid,R[2].rid,R[0].rid,R[1].rid,R[2].rid,X_RID,X_REPAIRED);
  else if(p->is_pub)snprintf(sl,sizeof sl,"a=msid:s%d t%d\r\na=ssrc:%u cname:w\r\na=ssrc:%u msid:s%d t%d\r\n",p->id,p->id,ssrc,ssrc,p->id,p->id);
  if(audio)return snprintf(b,n,"m=audio 9 UDP/TLS/RTP/SAVPF %d\r\n%sa=rtpmap:%d opus/48000/2\r\n%s%s",pt,tr,pt,ex,sl);
  char rx[120]="",rn[8]="";if(o.rtx&&!p->is_pub){snprintf(rn,8," %d",pt+1);snprintf(rx,120,"a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n",pt+1,pt+1,pt);}
  return snprintf(b,n,"m=video 9 UDP/TLS/RTP/SAVPF %d%s\r\n%sa=rtpmap:%d VP8/90000\r\n%sa=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\na=rtcp-fb:%d ccm fir\r\n%s%s",pt,rn,tr,pt,rx,pt,pt,pt,ex,sl);
}
static int mksdp(peer*p,char*b,size_t n,const char*setup){
  int video=p->is_pub?1:o.tiles,audio=p->is_pub?o.sounds>0:o.sounds;char g[600];snprintf(g,600,"%s",p->mid);for(int i=1;i<video+audio;i++)snprintf(g+strlen(g),600-strlen(g)," %d",i);
  int k=snprintf(b,n,"v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE %s\r\na=msid-semantic: WMS *\r\n",rand(),g);
  for(int i=0;i<video+audio;i++)k+=mline(p,b+k,n-k,setup,i,i>=video);
  return k;
}
static char*attr(const char*s,const char*k,char*out,size_t n){const char*p=strstr(s,k);if(!p)return 0;p+=strlen(k);size_t l=strcspn(p,"\r\n");snprintf(out,n,"%.*s",(int)l,p);return out;}
static void addcands(peer*p,const char*s){
  const char*c=s;char best[64]="";int bp=0;while((c=strstr(c,"a=candidate:"))){char f[64],tr[16],ip[64],ty[16];int comp,port;unsigned long pr;if(sscanf(c+12,"%63s %d %15s %lu %63s %d typ %15s",f,&comp,tr,&pr,ip,&port,ty)==7&&!strcasecmp(tr,"udp")&&comp==1&&!strchr(ip,':')){struct in_addr ia;if(inet_pton(AF_INET,ip,&ia)==1&&(!best[0]||!strcmp(ip,host_of))){strcpy(best,ip);bp=port;}}c+=12;}
  if(best[0]){p->raddr.sin_family=AF_INET;p->raddr.sin_port=htons(bp);inet_pton(AF_INET,best,&p->raddr.sin_addr);p->has_raddr=1;}
}
static void parseremote(peer*p,const char*s,int is_answer){
  char b[512];if(!attr(s,"a=ice-ufrag:",p->rufrag,sizeof p->rufrag)||!attr(s,"a=ice-pwd:",p->rpwd,sizeof p->rpwd))die("no ice in sdp: %s",s);
  if(is_answer){if(attr(s,"a=setup:",b,sizeof b))p->dtls_client=!strcmp(b,"passive");}
  const char*m=strstr(s,"m=video ");if(m){int port,pt;if(sscanf(m,"m=video %d %*s %d",&port,&pt)==2)p->pt=pt;}
  m=strstr(s,"m=audio ");if(m){int port,pt;if(sscanf(m,"m=audio %d %*s %d",&port,&pt)==2)p->apt=pt;}
  for(m=s;o.rtx&&!p->is_pub&&(m=strstr(m,"a=rtpmap:"));m+=9){int pt;if(sscanf(m,"a=rtpmap:%d rtx/90000",&pt)==1&&!strncmp(m+9+strspn(m+9,"0123456789")," rtx/",5))p->rtxpt=pt;}
  addcands(p,s);
}
/* ---------- STUN ---------- */
static uint32_t crct[256];static void crcinit(void){for(uint32_t i=0;i<256;i++){uint32_t c=i;for(int k=0;k<8;k++)c=c&1?0xEDB88320^(c>>1):c>>1;crct[i]=c;}}
static uint32_t crc(const uint8_t*b,int n){uint32_t c=~0u;while(n--)c=crct[(c^*b++)&255]^(c>>8);return ~c;}
static int sattr(uint8_t*b,int off,int t,const void*v,int l){b[off]=t>>8;b[off+1]=t;b[off+2]=l>>8;b[off+3]=l;memcpy(b+off+4,v,l);int pad=(4-l%4)%4;memset(b+off+4+l,0,pad);return off+4+l+pad;}
static int sfin(uint8_t*b,int n,const char*key){int l=n-20+24;b[2]=l>>8;b[3]=l;uint8_t h[20];unsigned hl;HMAC(EVP_sha1(),key,strlen(key),b,n,h,&hl);n=sattr(b,n,8,h,20);l=n-20+8;b[2]=l>>8;b[3]=l;uint32_t f=htonl(crc(b,n)^0x5354554e);return sattr(b,n,0x8028,&f,4);}
static void stun_req(peer*p){if(!p->has_raddr)return;uint8_t b[700]={0,1,0,0,0x21,0x12,0xa4,0x42};RAND_bytes(p->tid,12);memcpy(b+8,p->tid,12);char u[620];snprintf(u,sizeof u,"%s:%s",p->rufrag,p->ufrag);int n=20;n=sattr(b,n,6,u,strlen(u));uint32_t pr=htonl(1862270975);n=sattr(b,n,0x24,&pr,4);uint64_t tb=0x1122334455667788ull+p->id;n=sattr(b,n,p->controlling?0x802a:0x8029,&tb,8);if(p->controlling)n=sattr(b,n,0x25,"",0);n=sfin(b,n,p->rpwd);sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}
static void dtls_out(peer*p){uint8_t b[16384];int n;while((n=BIO_read(p->wb,b,sizeof b))>0)sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}
static void srtp_setup(peer*p){
  SRTP_PROTECTION_PROFILE*pr=SSL_get_selected_srtp_profile(p->ssl);if(!pr)die("no srtp profile");
  int gcm=pr->id==7,g256=pr->id==8;int kl=g256?32:16,sl=(gcm||g256)?12:14;uint8_t m[128];SSL_export_keying_material(p->ssl,m,2*(kl+sl),"EXTRACTOR-dtls_srtp",19,0,0,0);
  static uint8_t kk[2][64];memcpy(kk[0],m,kl);memcpy(kk[0]+kl,m+2*kl,sl);memcpy(kk[1],m+kl,kl);memcpy(kk[1]+kl,m+2*kl+sl,sl);
  for(int i=0;i<2;i++){srtp_policy_t po;memset(&po,0,sizeof po);if(gcm){srtp_crypto_policy_set_aes_gcm_128_16_auth(&po.rtp);srtp_crypto_policy_set_aes_gcm_128_16_auth(&po.rtcp);}else if(g256){srtp_crypto_policy_set_aes_gcm_256_16_auth(&po.rtp);srtp_crypto_policy_set_aes_gcm_256_16_auth(&po.rtcp);}else{srtp_crypto_policy_set_rtp_default(&po.rtp);srtp_crypto_policy_set_rtcp_default(&po.rtcp);}
   int txkey=p->dtls_client?0:1;po.key=kk[i==0?txkey:!txkey];po.ssrc.type=i==0?ssrc_any_outbound:ssrc_any_inbound;po.window_size=1024;po.allow_repeat_tx=1;
   if(srtp_create(i==0?&p->tx:&p->rx,&po))die("srtp_create");}
  static int said;if(!said++&&!o.quiet)fprintf(stderr,"srtp profile %s\n",pr->name);
}
static void dtls_step(peer*p){
  if(!p->ssl){p->ssl=SSL_new(ctx);p->rb=BIO_new(BIO_s_mem());p->wb=BIO_new(BIO_s_mem());BIO_set_mem_eof_return(p->rb,-1);SSL_set_bio(p->ssl,p->rb,p->wb);SSL_set_mtu(p->ssl,1200);SSL_set_verify(p->ssl,SSL_VERIFY_PEER,verifycb);if(p->dtls_client)SSL_set_connect_state(p->ssl);else SSL_set_accept_state(p->ssl);}
  int r=SSL_do_handshake(p->ssl);dtls_out(p);
  if(r==1){p->dtls_ok=1;p->t_conn=now();srtp_setup(p);}
  else{int e=SSL_get_error(p->ssl,r);if(e!=SSL_ERROR_WANT_READ){ERR_print_errors_fp(stderr);die("dtls err %d peer %d",e,p->id);}}
}
/* ---------- loss on purpose: --nack ---------- */
static int mended(peer*p,int k,uint16_t seq){ /* k -1: whatever stream; the stream it mended, or -1 */
  for(int i=0;i<p->said;i++)if(p->ask[i].seq==seq&&(k<0||p->ask[i].k==k)){
    if(nrep<caprep)rep[nrep++]=(now()-p->ask[i].t)*1e3;
    k=p->ask[i].k;memmove(p->ask+i,p->ask+i+1,(--p->nask-i)*sizeof*p->ask);p->said--;return k;}
  return -1;
}
static void on_rtx(peer*p,uint8_t*b,int n){
  p->rcv++;p->rcvbytes+=n;int l=n;if(srtp_unprotect(p->rx,b,&l)){p->dec_err++;return;}
  int off=12+4*(b[0]&15);if(b[0]&16&&off+4<=l)off+=4+4*(b[off+2]<<8|b[off+3]);if(off+2>l){unasked++;return;}
  int k=mended(p,-1,b[off]<<8|b[off+1]);if(k<0)unasked++;else{by_rtx++;p->in[k].rcv++;}
}
static void send_nacks(peer*p){
  double t=now();while(p->said<p->nask){
    uint8_t b[1400]={0x80,201,0,1};uint32_t x=htonl(p->ssrc);memcpy(b+4,&x,4);int n=8;
    while(p->said<p->nask&&n<1200){int k=p->ask[p->said].k,at=n;b[n]=0x81;b[n+1]=205;memcpy(b+n+4,&x,4);memcpy(b+n+8,&p->ask[p->said].ssrc,4);n+=12;
      while(p->said<p->nask&&p->ask[p->said].k==k&&n<1200){uint16_t pid=p->ask[p->said].seq,blp=0,d=0;do{if(d)blp|=1<<(d-1);p->ask[p->said++].t=t;asked++;}while(p->said<p->nask&&p->ask[p->said].k==k&&(d=p->ask[p->said].seq-pid)>=1&&d<=16);
        b[n]=pid>>8;b[n+1]=pid;b[n+2]=blp>>8;b[n+3]=blp;n+=4;}
      int w=(n-at)/4-1;b[at+2]=w>>8;b[at+3]=w;}
    if(!srtp_protect_rtcp(p->tx,b,&n))sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}
}
static void ask_for(peer*p,int k,uint16_t seq){if(p->nask<ASKS){int i=p->nask++;p->ask[i].ssrc=p->in[k].ssrc;p->ask[i].seq=seq;p->ask[i].k=k;p->ask[i].tries=0;}}
static void ask_again(peer*p,double t){ /* --gaps: what was asked for and did not come in time; the sixth time in vain is the last */
  for(int i=0;i<p->said;){if(t-p->ask[i].t<0.2){i++;continue;}
    if(++p->ask[i].tries==6){memmove(p->ask+i,p->ask+i+1,(--p->nask-i)*sizeof*p->ask);p->said--;continue;}
    uint8_t b[100]={0x80,201,0,1};uint32_t x=htonl(p->ssrc);memcpy(b+4,&x,4);b[8]=0x81;b[9]=205;b[11]=3;memcpy(b+12,&x,4);memcpy(b+16,&p->ask[i].ssrc,4);b[20]=p->ask[i].seq>>8;b[21]=p->ask[i].seq;p->ask[i++].t=t;int n=24;
    if(!srtp_protect_rtcp(p->tx,b,&n))sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}
}
/* ---------- transport-wide feedback: --twcc ---------- */
static int element(const uint8_t*b,int n,int id){ /* where the value of a one-byte extension lies, or 0 */
  int at=12+4*(b[0]&15);if(!(b[0]&16)||at+4>n||b[at]!=0xbe||b[at+1]!=0xde)return 0;
  int end=at+4+4*(b[at+2]<<8|b[at+3]);if(end>n)return 0;
  for(at+=4;at<end;){if(!b[at]){at++;continue;}if(b[at]>>4==id)return at+1;at+=2+(b[at]&15);}
  return 0;
}
static void saw(peer*p,const uint8_t*b,int n,uint64_t rx_ns){
  int at=element(b,n,X_NUMBER);if(!at)return;uint16_t number=b[at]<<8|b[at+1];
  if(!p->seen)p->seen=calloc(SEEN,sizeof*p->seen);
  if(!p->heard){p->heard=1;p->base=p->top=number;}
  if((int16_t)(number-p->base)<0)return; /* told of as lost */
  if((uint16_t)(number-p->base)>=SEEN){memset(p->seen,0,SEEN*sizeof*p->seen);p->base=number;}
  if((int16_t)(number-p->top)>0||p->top==(uint16_t)(p->base-1))p->top=number;
  p->seen[number%SEEN]=rx_ns/250000;
}
static void send_report(peer*p){ /* draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, of 2-bit symbols */
  static uint8_t b[8000],deltas[2*SEEN];int count=(uint16_t)(p->top-p->base)+1,first=-1,nd=0,n=20;if(!p->heard||count>SEEN)return;
  for(int i=0;i<count&&first<0;i++)if(p->seen[(uint16_t)(p->base+i)%SEEN])first=i;
  if(first<0)return;
  uint16_t sym[SEEN/7+1]={0};int64_t tick=p->seen[(uint16_t)(p->base+first)%SEEN]/256*256;uint32_t reference=tick/256&0xffffff,x=htonl(p->ssrc);
  memset(b,0,20);b[0]=0x8f;b[1]=205;memcpy(b+4,&x,4);memcpy(b+8,&p->in[0].ssrc,4);b[12]=p->base>>8;b[13]=p->base;b[14]=count>>8;b[15]=count;b[16]=reference>>16;b[17]=reference>>8;b[18]=reference;b[19]=p->reports++;
  for(int i=0;i<count;i++){int64_t*at=&p->seen[(uint16_t)(p->base+i)%SEEN],d=*at-tick;if(!*at)continue;
    int wide=d<0||d>255;if(d>32767||d<-32768||nd>1100){count=i;b[14]=count>>8;b[15]=count;break;} /* the next one tells of it */
    sym[i/7]|=(1+wide)<<(12-2*(i%7));if(wide)deltas[nd++]=d>>8;deltas[nd++]=d;tick=*at;*at=0;}
  for(int i=0;i<(count+6)/7;i++){b[n++]=0xc0|sym[i]>>8;b[n++]=sym[i];}
  memcpy(b+n,deltas,nd);n+=nd;int pad=(4-n%4)%4;if(pad){memset(b+n,0,pad-1);b[n+pad-1]=pad;b[0]|=0x20;n+=pad;}
  b[2]=(n/4-1)>>8;b[3]=n/4-1;p->base+=count;
  if(!srtp_protect_rtcp(p->tx,b,&n))sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);
}
static void on_rtp(peer*p,uint8_t*b,int n,uint64_t rx_ns){
  if(b[1]>=192&&b[1]<=223){p->rtcp_in++;if(p->rx&&p->is_pub){int l=n;if(!srtp_unprotect_rtcp(p->rx,b,&l)){int off=0;while(off+4<=l){int pt=b[off+1],fmt=b[off]&31;if(pt==206&&(fmt==1||fmt==4)){p->pli++;for(int j=0;j<nR;j++)if(off+12<=l&&!memcmp(b+off+8,&(uint32_t){htonl(p->lay[j].ssrc)},4))p->lay[j].wanted=1;}if(pt==205&&fmt==1)p->nack++;if(pt==205&&fmt==15)told_up++;off+=4*(1+(b[off+2]<<8|b[off+3]));}}}return;}
  uint16_t seq=b[2]<<8|b[3];uint32_t ssrc;memcpy(&ssrc,b+8,4);
  if(!p->t_first)p->t_first=now();
  if(o.twcc)saw(p,b,n,rx_ns);
  if(p->rtxpt&&(b[1]&127)==p->rtxpt){on_rtx(p,b,n);return;}
  int k=0;while(k<p->nin&&p->in[k].ssrc!=ssrc)k++;
  if(k==STREAMS)die("more than %d streams",STREAMS);
  if(k==p->nin){p->nin++;p->in[k].ssrc=ssrc;p->in[k].ext_first=p->in[k].ext_max=65536+seq;p->in[k].rcv=p->in[k].base=0;}
  else{int16_t d=(int16_t)(seq-(uint16_t)p->in[k].ext_max);if(d>0&&ending)return;if(d>0)p->in[k].ext_max+=d;if(o.gaps&&measuring&&d<20)for(int i=d-1;i>0;i--)ask_for(p,k,seq-i);}
  p->rcv++;p->rcvbytes+=n;
  if(p->said&&mended(p,k,seq)==k){by_plain++;p->in[k].rcv++;return;}
  if(losing&&p->nask<ASKS&&drand48()*100<o.nack){ask_for(p,k,seq);return;}
  p->in[k].rcv++;
  if(o.verify&&(p->rcv+p->id)%o.verify==0){int l=n;int e=srtp_unprotect(p->rx,b,&l);if(e){p->dec_err++;}else{p->dec_ok++;if(measuring){uint8_t*m=memmem(b+12,l-12,MAGIC,8);if(m&&m+16<=b+l){uint64_t t;memcpy(&t,m+8,8);if(nlat<caplat)lat[nlat++]=(double)(int64_t)(rx_ns-t)*1e-3;if(nR&&m+25<=b+l&&m[24]<LAYERS)by_layer[m[24]]++;}}}}
}
static void on_pkt(peer*p,uint8_t*b,int n,struct sockaddr_in*from,uint64_t rx_ns){
  if(n<1)return;
  if(b[0]>=128&&b[0]<192){if(p->dtls_ok)on_rtp(p,b,n,rx_ns);return;}
  if(b[0]>=20&&b[0]<64){if(p->dtls_ok){return;}if(!p->ssl){p->raddr=*from;p->has_raddr=1;dtls_step(p);}BIO_write(p->rb,b,n);dtls_step(p);return;}
  if(b[0]<4&&n>=20){int t=b[0]<<8|b[1];
    if(t==1){uint8_t r[128]={1,1,0,0};memcpy(r+4,b+4,16);uint8_t a[8]={0,1};uint16_t po=from->sin_port^htons(0x2112);memcpy(a+2,&po,2);uint32_t ad=from->sin_addr.s_addr^htonl(0x2112a442);memcpy(a+4,&ad,4);int k=sattr(r,20,0x20,a,8);k=sfin(r,k,p->pwd);sendto(p->fd,r,k,0,(void*)from,sizeof*from);
      if(!p->has_raddr){p->raddr=*from;p->has_raddr=1;} if(!p->controlling&&!p->ice_ok){p->raddr=*from;stun_req(p);} }
    else if(t==0x101){if(!p->ice_ok){p->ice_ok=1;p->raddr=*from;p->next_stun=now()+2.5;if(p->dtls_client)dtls_step(p);}}
  }
}
#define VL 64
static uint8_t bufs[VL][65536>>4<<4];
static int pump_fd(peer*p){
  static struct mmsghdr mm[VL];static struct iovec iv[VL];static struct sockaddr_in sa[VL];static char cb[VL][128];int tot=0;
  int bs=o.gro?65535:2048;
  for(int i=0;i<VL;i++){iv[i].iov_base=bufs[i];iv[i].iov_len=bs;mm[i].msg_hdr=(struct msghdr){.msg_name=&sa[i],.msg_namelen=sizeof sa[i],.msg_iov=&iv[i],.msg_iovlen=1,.msg_control=cb[i],.msg_controllen=sizeof cb[i]};}
  int n=recvmmsg(p->fd,mm,VL,MSG_DONTWAIT,0);if(n<=0)return 0;
  for(int i=0;i<n;i++){uint64_t ts=0;int seg=0;for(struct cmsghdr*c=CMSG_FIRSTHDR(&mm[i].msg_hdr);c;c=CMSG_NXTHDR(&mm[i].msg_hdr,c)){if(c->cmsg_level==SOL_SOCKET&&c->cmsg_type==SO_TIMESTAMPNS){struct timespec t;memcpy(&t,CMSG_DATA(c),sizeof t);ts=t.tv_sec*1000000000ull+t.tv_nsec;}else if(c->cmsg_level==IPPROTO_UDP&&c->cmsg_type==UDP_GRO){memcpy(&seg,CMSG_DATA(c),sizeof(int));seg&=0xffff;}}
    if(!ts)ts=rtns();int len=mm[i].msg_len;if(seg>0&&seg<len){for(int off=0;off<len;off+=seg){on_pkt(p,bufs[i]+off,len-off<seg?len-off:seg,&sa[i],ts);tot++;}}else{on_pkt(p,bufs[i],len,&sa[i],ts);tot++;}}
  if(p->said<p->nask)send_nacks(p);
  return tot;
}
static uint32_t nextss=0x10000;static const char*bindip="127.0.0.1";
static void mkpeer(peer*p,int id,int is_pub,int room){
  memset(p,0,sizeof*p);p->id=id;p->is_pub=is_pub;p->room=room;p->controlling=1;rnds(p->ufrag,8);rnds(p->pwd,24);strcpy(p->mid,"0");p->pt=96;p->ssrc=nextss+=7;p->assrc=nextss+=7;p->apt=111;p->seq=p->aseq=1000;for(int j=0;j<nR;j++){p->lay[j].ssrc=nextss+=7;p->lay[j].seq=1000;p->lay[j].wanted=1;}p->dtls_client=0;
  p->fd=socket(AF_INET,SOCK_DGRAM|SOCK_NONBLOCK,0);struct sockaddr_in a={.sin_family=AF_INET};inet_pton(AF_INET,bindip,&a.sin_addr);if(bind(p->fd,(void*)&a,sizeof a))die("bind");
  int v=4<<20;setsockopt(p->fd,SOL_SOCKET,SO_RCVBUFFORCE,&v,sizeof v);setsockopt(p->fd,SOL_SOCKET,SO_SNDBUF,&v,sizeof v);v=1;setsockopt(p->fd,SOL_SOCKET,SO_TIMESTAMPNS,&v,sizeof v);if(o.gro)setsockopt(p->fd,IPPROTO_UDP,UDP_GRO,&v,sizeof v);
  struct epoll_event e={.events=EPOLLIN,.data.ptr=p};epoll_ctl(ep,EPOLL_CTL_ADD,p->fd,&e);
}
static void signal_peer(peer*p){
  char url[512];static char sdp[65536],ans[90000];if(nU){char**u=U[p->room%nU];bearer=u[2];snprintf(url,sizeof url,"%s",p->is_pub?u[0]:u[1]);}else snprintf(url,sizeof url,p->is_pub?o.whip:o.whep,p->room,p->room);p->t_post=now();
  if(!p->is_pub&&o.server_offer){int c=http("POST",url,"",ans,sizeof ans,p->location,sizeof p->location);if(c/100!=2)die("whep(server-offer) %d %s",c,ans);
    p->controlling=0;p->server_offer=1;attr(ans,"a=mid:",p->mid,sizeof p->mid);parseremote(p,ans,0);p->dtls_client=1;mksdp(p,sdp,sizeof sdp,"active");c=http("PATCH",p->location,sdp,ans,sizeof ans,0,0);if(c/100!=2)die("patch %d %s",c,ans);
  }else{mksdp(p,sdp,sizeof sdp,"actpass");int c=http("POST",url,sdp,ans,sizeof ans,p->location,sizeof p->location);if(c/100!=2)die("%s -> %d %s",url,c,ans);parseremote(p,ans,1);}
  stun_req(p);p->next_stun=now()+0.1;
}
/* ---------- media ---------- */
typedef struct{uint8_t*d;int n;}frame;static frame*fr;static int nfr;
static void load_ivf(const char*f){FILE*F=fopen(f,"rb");if(!F)die("ivf");uint8_t h[32];if(fread(h,1,32,F)!=32)die("ivf");while(fread(h,1,12,F)==12){uint32_t n;memcpy(&n,h,4);fr=realloc(fr,(nfr+1)*sizeof*fr);fr[nfr].d=malloc(n);fr[nfr].n=n;if(fread(fr[nfr].d,1,n,F)!=n)break;nfr++;}fclose(F);}
static struct{int fi,off,pkt_in_frame;uint16_t picid;double due;uint64_t n;}M[256];
static double maxlate;
static void send_one(peer*p,int k){
  uint8_t b[2048];int marker=0,first=0,pl;uint8_t*q=b+12;int ppf=(int)(o.pps/o.fps+0.5);if(ppf<1)ppf=1;
  if(nfr){frame*f=&fr[M[k].fi%nfr];first=M[k].off==0;int L=f->n-M[k].off;if(L>o.size)L=o.size;q[0]=first?0x90:0x80;q[1]=0x80;q[2]=0x80|(M[k].picid>>8&0x7f);q[3]=M[k].picid;memcpy(q+4,f->d+M[k].off,L);pl=4+L;M[k].off+=L;if(M[k].off>=f->n){marker=1;}}
  else{first=M[k].pkt_in_frame==0;marker=M[k].pkt_in_frame==ppf-1;q[0]=first?0x90:0x80;q[1]=0x80;q[2]=0x80|(M[k].picid>>8&0x7f);q[3]=M[k].picid;pl=o.size-12;memset(q+4,0x5a,pl-4);if(first){int key=(M[k].fi%60)==0;uint8_t h[10]={key?0x10:0x11,0x02,0,0x9d,0x01,0x2a,0x00,0x05,0xd0,0x02};memcpy(q+4,h,10);}
    memcpy(q+16,MAGIC,8);uint64_t t=rtns();memcpy(q+24,&t,8);memcpy(q+32,&M[k].n,8);M[k].pkt_in_frame++;}
  b[0]=0x80;b[1]=p->pt|(marker?128:0);b[2]=p->seq>>8;b[3]=p->seq;uint32_t x=htonl(p->ts);memcpy(b+4,&x,4);x=htonl(p->ssrc);memcpy(b+8,&x,4);
  p->seq++;int n=12+pl;if(srtp_protect(p->tx,b,&n))die("protect");sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);sent_pkts++;M[k].n++;
  if(o.flood&&!k&&n<=1600){memcpy(tape[ntape%256].b,b,n);tape[ntape++%256].n=n;}
  if(marker){M[k].fi++;M[k].off=0;M[k].pkt_in_frame=0;M[k].picid=(M[k].picid+1)&0x7fff;p->ts+=90000/o.fps;}
}
static int put(uint8_t*b,int n,int id,const void*v,int l){b[n]=id<<4|(l-1);memcpy(b+n+1,v,l);return n+1+l;}
static int extended(peer*p,uint8_t*b,const char*mid,const char*rid,int level){ /* one-byte extensions (RFC 8285) behind the fixed header; its whole size */
  int n=16;b[0]|=16;b[12]=0xbe;b[13]=0xde;n=put(b,n,X_MID,mid,strlen(mid));if(rid)n=put(b,n,X_RID,rid,strlen(rid));
  if(level>=0)n=put(b,n,X_LEVEL,&(uint8_t){level},1);
  uint16_t x=htons(p->number++);n=put(b,n,X_NUMBER,&x,2);while(n%4)b[n++]=0;b[14]=0;b[15]=(n-16)/4;return n;
}
static void send_layer(peer*p,int j){ /* one picture of a layer, whole */
  int left=R[j].kbps*1000/8/o.fps,key=p->lay[j].wanted||p->lay[j].fi%300==0;if(key)left*=2;p->lay[j].wanted=0;
  for(int first=1;left>0;first=0){
    uint8_t b[2048];b[0]=0x80;b[2]=p->lay[j].seq>>8;b[3]=p->lay[j].seq;uint32_t x=htonl(p->lay[j].ts);memcpy(b+4,&x,4);x=htonl(p->lay[j].ssrc);memcpy(b+8,&x,4);
    int h=extended(p,b,p->mid,R[j].rid,-1),pl=left<o.size?left:o.size;if(pl<60)pl=60;left-=pl;b[1]=p->pt|(left<=0?128:0);uint8_t*q=b+h;
    q[0]=first?0x90:0x80;q[1]=0x80;q[2]=0x80|(p->lay[j].picid>>8&0x7f);q[3]=p->lay[j].picid;memset(q+4,0x5a,pl-4);
    if(first){uint8_t v[10]={key?0x10:0x11,0x02,0,0x9d,0x01,0x2a,0x00,0x05,0xd0,0x02};memcpy(q+4,v,10);}
    memcpy(q+16,MAGIC,8);uint64_t t=rtns();memcpy(q+24,&t,8);memcpy(q+32,&p->lay[j].n,8);q[40]=j;
    p->lay[j].seq++;p->lay[j].n++;int n=h+pl;if(srtp_protect(p->tx,b,&n))die("protect");sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);sent_pkts++;}
  p->lay[j].fi++;p->lay[j].picid=(p->lay[j].picid+1)&0x7fff;p->lay[j].ts+=90000/o.fps;
}
static void send_layers(peer*p,int k,double t){ /* layers one after another, as an encoder gives them */
  M[k].due=1e18;for(int j=0;j<nR;j++){double*due=&p->lay[j].due;if(!*due)*due=t+(k%33)*0.001+j*0.004;if(t-*due>0.25)*due=t-0.25;if(t-*due>maxlate)maxlate=t-*due;
    while(*due<=t){send_layer(p,j);*due+=1.0/o.fps;}if(*due<M[k].due)M[k].due=*due;}
}
static void send_sound_of(peer*p,int k){ /* of who speaks, and of who is silent */
  uint8_t b[300];b[0]=0x80;b[1]=p->apt;b[2]=p->aseq>>8;b[3]=p->aseq;uint32_t x=htonl(p->ats);memcpy(b+4,&x,4);x=htonl(p->assrc);memcpy(b+8,&x,4);
  int h=extended(p,b,"1",0,k<o.loud?0x80|(20+k):100);b[h]=0x78;memset(b+h+1,0x5a,79);
  p->aseq++;p->ats+=960;int n=h+80;if(srtp_protect(p->tx,b,&n))die("protect");sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);sent_pkts++;
}
static void send_sound(peer*p){
  uint8_t b[300];b[0]=0x80;b[1]=p->apt;b[2]=p->aseq>>8;b[3]=p->aseq;uint32_t x=htonl(p->ats);memcpy(b+4,&x,4);x=htonl(p->assrc);memcpy(b+8,&x,4);b[12]=0x78;memset(b+13,0x5a,79);
  p->aseq++;p->ats+=960;int n=92;if(srtp_protect(p->tx,b,&n))die("protect");sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);sent_pkts++;
}
static int joined;
static void media(double t){
  for(int k=0;k<o.pubs*o.rooms;k++){peer*p=&P[k];if(!p->dtls_ok)continue;if(!M[k].due)M[k].due=t+(o.pubs>1?(k%33)*0.001:0);
    if(o.sounds){if(!p->a_due)p->a_due=t+(k%20)*0.001;if(t-p->a_due>0.25)p->a_due=t-0.25;while(p->a_due<=t){if(o.loud)send_sound_of(p,k);else send_sound(p);p->a_due+=0.02;}}
    if(nR){send_layers(p,k,t);continue;}
    if(t-M[k].due>0.25)M[k].due=t-0.25; if(t-M[k].due>maxlate)maxlate=t-M[k].due;
    if(nfr){while(M[k].due<=t){int f=M[k].fi;while(M[k].fi==f)send_one(p,k);M[k].due+=1.0/o.fps;}}
    else while(M[k].due<=t){for(int i=0;i<o.burst;i++)send_one(p,k);M[k].due+=o.burst/(joined||!o.joinpps?o.pps:o.joinpps);}
  }
}
static void timers(double t){
  static double last;if(t-last<0.02)return;last=t;
  for(int i=0;i<nP;i++){peer*p=&P[i];if(!p->rufrag[0])continue;
    if(t>=p->next_stun){stun_req(p);p->next_stun=t+(p->ice_ok?2.5+(i%50)*0.01:0.1);}
    if(p->ssl&&!p->dtls_ok){DTLSv1_handle_timeout(p->ssl);dtls_out(p);}
    if(o.twcc&&!p->is_pub&&p->dtls_ok&&t>=p->next_report){p->next_report=t+0.1;if(p->heard)send_report(p);}
    if(o.gaps&&p->said)ask_again(p,t);
    if(nR&&p->is_pub&&p->dtls_ok&&t>=p->next_rr){p->next_rr=t+1;for(int j=0;j<=nR;j++){ /* a report of each layer and the sound */
      uint8_t b[200]={0x80,200,0,6};uint64_t ns=rtns();uint32_t x=htonl(j<nR?p->lay[j].ssrc:p->assrc);memcpy(b+4,&x,4);x=htonl((uint32_t)(ns/1000000000ull+2208988800u));memcpy(b+8,&x,4);x=htonl((uint32_t)((ns%1000000000ull)*4.294967296));memcpy(b+12,&x,4);x=htonl(j<nR?p->lay[j].ts:p->ats);memcpy(b+16,&x,4);int n=28;
      if(!srtp_protect_rtcp(p->tx,b,&n))sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}continue;}
    if(o.rr&&p->dtls_ok&&t>=p->next_rr){p->next_rr=t+1+(i%17)*0.01;uint8_t b[1024]={0};int n;
      if(p->is_pub){b[0]=0x80;b[1]=200;b[3]=6;uint32_t x=htonl(p->ssrc);memcpy(b+4,&x,4);uint64_t ns=rtns();x=htonl((uint32_t)(ns/1000000000ull+2208988800u));memcpy(b+8,&x,4);x=htonl(p->ts);memcpy(b+16,&x,4);n=28;}
      else if(p->nin){int c=p->nin>31?31:p->nin,w=1+6*c;b[0]=0x80|c;b[1]=201;b[2]=w>>8;b[3]=w;uint32_t x=htonl(p->ssrc);memcpy(b+4,&x,4);for(int k=0;k<c;k++){memcpy(b+8+24*k,&p->in[k].ssrc,4);x=htonl(p->in[k].ext_max);memcpy(b+16+24*k,&x,4);}n=8+24*c;}else continue;
      if(!srtp_protect_rtcp(p->tx,b,&n))sendto(p->fd,b,n,0,(void*)&p->raddr,sizeof p->raddr);}
  }
}
static void step(double until_hint){
  struct epoll_event ev[256];double t=now();media(t);timers(t);
  double d=until_hint;for(int k=0;k<o.pubs*o.rooms;k++)if(M[k].due){double w=M[k].due-t;if(w<d)d=w;if(o.sounds&&(w=P[k].a_due-t)<d)d=w;}if(d<0)d=0;
  struct timespec ts={0,(long)(d*1e9)};if(d>0.05)ts.tv_nsec=50000000;
  int n=epoll_pwait2(ep,ev,256,&ts,0);
  for(int i=0;i<n;i++){pump_fd(ev[i].data.ptr);if((i&3)==3)media(now());}
}
static void pump_until(int*flag,double tmo,const char*what,int id){double e=now()+tmo;while(!*flag){step(0.01);if(now()>e)die("timeout %s peer %d",what,id);}}
/* ---------- hostile bytes: --flood, a process of its own ---------- */
struct flooded{uint64_t sent,back,bytes;};
static int hostile(uint8_t*b,int kind){ /* fills b; its size */
  int n=20+rand()%1000;RAND_bytes(b,n);peer*p=&P[0],*v=&P[nP-1];uint32_t x=htonl(p->ssrc);
  switch(kind){
    case 0:return n;
    case 1:case 2:{static const uint8_t h[8]={0,1,0,0,0x21,0x12,0xa4,0x42};memcpy(b,h,8);char u[620];snprintf(u,sizeof u,"%s:%s",kind==1?v->rufrag:"nobody",v->ufrag);n=sattr(b,20,6,u,strlen(u));return sfin(b,n,"not the password at all");} /* STUN, wrong integrity */
    case 3:case 6:case 7:if(kind!=3&&ntape){int i=rand()%(ntape<256?ntape:256);memcpy(b,tape[i].b,tape[i].n);return tape[i].n;}
      b[0]=0x80;b[1]=p->pt;memcpy(b+8,&x,4);return n; /* RTP of the publisher's SSRC */
    case 4:b[0]=0x81;b[1]=200+rand()%7;memcpy(b+4,&x,4);return n;
    default:b[0]=20+rand()%5;b[1]=0xfe;b[2]=0xfd;b[11]=(n-13)>>8;b[12]=n-13;return n;} /* DTLS */
}
static void flood(int out){
  enum{F=8};int fd[F];struct flooded f={0};uint8_t b[2048];signal(SIGPIPE,SIG_IGN);
  for(int i=0;i<F;i++){fd[i]=socket(AF_INET,SOCK_DGRAM|SOCK_NONBLOCK,0);struct sockaddr_in a={.sin_family=AF_INET};inet_pton(AF_INET,bindip,&a.sin_addr);if(bind(fd[i],(void*)&a,sizeof a))_exit(1);}
  double t0=now(),t;while((t=now())<t0+o.secs+0.5){
    while(t<t0+o.secs&&f.sent<(t-t0)*o.flood){int kind=f.sent%8,n=hostile(b,kind);sendto(kind==7?P[0].fd:fd[f.sent/8%F],b,n,0,(void*)&P[0].raddr,sizeof P[0].raddr);f.sent++;}
    for(int i=0;i<F;i++){int n;while((n=recv(fd[i],b,sizeof b,0))>=0){f.back++;f.bytes+=n;}}
    struct timespec ms={0,1000000};nanosleep(&ms,0);}
  _exit(write(out,&f,sizeof f)!=sizeof f);
}
static double cpu_of(int pid,double*ut,double*st){char f[64],b[1024];snprintf(f,64,"/proc/%d/stat",pid);FILE*F=fopen(f,"r");if(!F)return 0;size_t n=fread(b,1,1023,F);b[n]=0;fclose(F);char*q=strrchr(b,')');unsigned long u,s;sscanf(q+2,"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",&u,&s);double hz=sysconf(_SC_CLK_TCK);if(ut)*ut=u/hz;if(st)*st=s/hz;return (u+s)/hz;}
static char *pids; /* --pid a,b,c: the processes of the server, added up */
static double cpu_all(double*ut,double*st){double t=0,u,s;*ut=*st=0;for(char*q=pids;q&&*q;){t+=cpu_of(atoi(q),&u,&s);*ut+=u;*st+=s;q=strchr(q,',');if(q)q++;}return t;}
static long rss_kb(int pid){char f[64],l[256];snprintf(f,64,"/proc/%d/status",pid);FILE*F=fopen(f,"r");long r=0;if(!F)return 0;while(fgets(l,256,F))if(sscanf(l,"VmRSS: %ld",&r)==1)break;fclose(F);return r;}
static long rss_all(void){long t=0;for(char*q=pids;q&&*q;){t+=rss_kb(atoi(q));q=strchr(q,',');if(q)q++;}return t;}
static int cmpd(const void*a,const void*b){double x=*(double*)a,y=*(double*)b;return x<y?-1:x>y;}
static int all(int i0,int i1){for(int i=i0;i<i1;i++)if(!P[i].dtls_ok)return 0;return 1;}
static void turn(const char*word){ /* --steps: who started us says when to go on */
  if(!o.steps)return;printf("%s\n",word);fflush(stdout);char b[8];fcntl(0,F_SETFL,O_NONBLOCK);while(read(0,b,1)<0)step(0.01);
}
int main(int c,char**v){
  static struct option lo[]={{"whip",1,0,1},{"whep",1,0,2},{"subs",1,0,3},{"pps",1,0,4},{"size",1,0,5},{"burst",1,0,6},{"secs",1,0,7},{"warm",1,0,8},{"pid",1,0,9},{"profile",1,0,10},{"verify",1,0,11},{"server-offer",0,0,12},{"ivf",1,0,13},{"gro",0,0,14},{"rooms",1,0,15},{"fps",1,0,16},{"no-rr",0,0,17},{"tag",1,0,18},{"quiet",0,0,19},{"bind",1,0,20},{"bearer",1,0,21},{"urls",1,0,22},{"pubs",1,0,23},{"tiles",1,0,24},{"sounds",1,0,25},{"nack",1,0,26},{"rtx",0,0,27},{"flood",1,0,28},{"every",1,0,29},{"join-pps",1,0,30},{"twcc",0,0,31},{"rids",1,0,32},{"loud",1,0,33},{"gaps",0,0,34},{"steps",0,0,35},{0}};
  int x;while((x=getopt_long(c,v,"",lo,0))!=-1)switch(x){case 1:o.whip=optarg;break;case 2:o.whep=optarg;break;case 3:o.subs=atoi(optarg);break;case 4:o.pps=atof(optarg);break;case 5:o.size=atoi(optarg);break;case 6:o.burst=atoi(optarg);break;case 7:o.secs=atof(optarg);break;case 8:o.warm=atof(optarg);break;case 9:pids=optarg;o.spid=atoi(optarg);break;case 21:bearer=optarg;break;case 22:{FILE*F=fopen(optarg,"r");if(!F)die("urls %s",optarg);char a[512],b[512],t[2000];while(nU<4096&&fscanf(F,"%511s %511s %1999s",a,b,t)==3){U[nU][0]=strdup(a);U[nU][1]=strdup(b);U[nU][2]=strcmp(t,"-")?strdup(t):0;nU++;}fclose(F);break;}case 10:o.profile=!strcmp(optarg,"sha1")?1:!strcmp(optarg,"gcm256")?2:0;break;case 11:o.verify=atoi(optarg);break;case 12:o.server_offer=1;break;case 13:o.ivf=optarg;break;case 14:o.gro=1;break;case 15:o.rooms=atoi(optarg);break;case 16:o.fps=atoi(optarg);break;case 17:o.rr=0;break;case 18:o.tag=optarg;break;case 19:o.quiet=1;break;case 20:bindip=optarg;break;case 23:o.pubs=atoi(optarg);break;case 24:o.tiles=atoi(optarg);break;case 25:o.sounds=atoi(optarg);break;case 26:o.nack=atof(optarg);break;case 27:o.rtx=1;break;case 28:o.flood=atof(optarg);break;case 29:o.every=atof(optarg);break;case 30:o.joinpps=atof(optarg);break;case 31:o.twcc=1;break;case 32:o.rids=optarg;break;case 33:o.loud=atoi(optarg);break;case 34:o.gaps=1;break;case 35:o.steps=1;break;default:return 2;}
  if((!o.whip||!o.whep)&&!nU){fprintf(stderr,"usage: wload --whip http://127.0.0.1:P/whip/%%d --whep http://127.0.0.1:P/whep/%%d [--server-offer] --subs N(per room) [--rooms R] --pps 1000 --size 1100 --burst 5 --secs 10 --warm 2 --pid SERVERPID --profile gcm|sha1|gcm256 --verify K --ivf f.ivf --gro [--bearer TOKEN | --urls FILE] [--nack PERCENT [--rtx]] [--flood DATAGRAMS_A_SECOND] [--every MS_BETWEEN_JOINS] [--join-pps PPS_UNTIL_ALL_HAVE_JOINED] [--twcc] [--rids q:150,h:500,f:1500 (kbit/s)] [--loud N_WHO_SPEAK] [--gaps] [--steps]\n");return 2;}
  for(char*q=o.rids;q&&*q&&nR<LAYERS;){char*e=strchr(q,':');snprintf(R[nR].rid,sizeof R[nR].rid,"%.*s",(int)(e-q),q);R[nR++].kbps=atof(e+1);q=strchr(q,',');if(q)q++;}
  if(nR&&nR!=LAYERS)die("--rids names %d layers",LAYERS);
  signal(SIGPIPE,SIG_IGN);struct rlimit rl={65536,65536};setrlimit(RLIMIT_NOFILE,&rl);
  srand(time(0)^getpid());crcinit();srtp_init();mkcert();if(o.ivf)load_ivf(o.ivf);ep=epoll_create1(0);
  int npub=o.pubs*o.rooms,nsub=o.subs*o.rooms;nP=0;P=calloc(npub+nsub,sizeof*P);caplat=2000000;lat=malloc(caplat*sizeof*lat);caprep=1000000;rep=malloc(caprep*sizeof*rep);srand48(7);
  double t0=now();
  for(int i=0;i<npub;i++){mkpeer(&P[i],i,1,i);nP=i+1;signal_peer(&P[i]);pump_until(&P[i].dtls_ok,10,"pub connect",i);}
  double e=now()+0.5;while(now()<e)step(0.01);
  double ju=0,js=0;double jc0=pids?cpu_all(&ju,&js):0;double ts0=now();long rss0=rss_all();
  for(int i=npub;i<npub+nsub;i++){mkpeer(&P[i],i,0,(i-npub)%(o.pubs>1?nU:o.rooms));nP=i+1;signal_peer(&P[i]);double e=now()+10;while(!P[i].dtls_ok){step(0.002);if(now()>e)die("timeout sub %d",i);}while(o.every&&now()<ts0+(i-npub+1)*o.every*1e-3)step(0.002);}
  joined=1;double tsetup=now()-ts0;double jc=pids?cpu_all(&ju,&js)-jc0:0;long rss1=rss_all();(void)all;(void)t0;
  e=now()+o.warm;while(now()<e)step(0.01);
  turn("ready");
  int streams=0;uint64_t s0=sent_pkts,r0=0,d0=0,e0=0;for(int i=npub;i<nP;i++){r0+=P[i].rcv;d0+=P[i].dec_ok;e0+=P[i].dec_err;for(int k=0;k<P[i].nin;k++){P[i].in[k].ext_first=P[i].in[k].ext_max;P[i].in[k].base=P[i].in[k].rcv;}streams+=P[i].nin;}
  double u0=0,y0=0,u1=0,y1=0;double c0=pids?cpu_all(&u0,&y0):0;double w0=now();struct rusage ru0,ru1;getrusage(RUSAGE_SELF,&ru0);
  int pipes[2];pid_t flooder=0;if(o.flood){if(pipe(pipes))die("pipe");if(!(flooder=fork()))flood(pipes[1]);}
  measuring=1;losing=o.nack>0;maxlate=0;e=now()+o.secs;while(now()<e)step(0.01);measuring=0;
  double c1=pids?cpu_all(&u1,&y1):0;double w1=now();getrusage(RUSAGE_SELF,&ru1);uint64_t s1=sent_pkts,r1=0,d1=0,e1=0,exp=0,got=0,pli=0,rt=0;int alive=0;for(int i=npub;i<nP;i++)r1+=P[i].rcv;
  if(losing||o.gaps){losing=0;ending=o.gaps;e=now()+(o.gaps?1.5:0.5);while(now()<e)step(0.01);} /* what was asked for last may come */
  struct flooded fl={0};if(flooder){while(waitpid(flooder,0,WNOHANG)!=flooder)step(0.01);if(read(pipes[0],&fl,sizeof fl)!=sizeof fl)die("flood");}
  for(int i=0;i<nP;i++){if(P[i].is_pub){pli+=P[i].pli;rt+=P[i].rtcp_in;continue;}d1+=P[i].dec_ok;e1+=P[i].dec_err;uint64_t mine=0;for(int k=0;k<P[i].nin;k++){exp+=P[i].in[k].ext_max-P[i].in[k].ext_first;mine+=P[i].in[k].rcv-P[i].in[k].base;}got+=mine;if(mine)alive++;}
  double W=w1-w0;uint64_t fw=r1-r0;qsort(lat,nlat,sizeof*lat,cmpd);qsort(rep,nrep,sizeof*rep,cmpd);
  double fj[4]={0};int nf=0;double*jl=malloc(nsub*sizeof(double)+8);for(int i=npub;i<nP;i++)if(P[i].t_first)jl[nf++]=(P[i].t_first-P[i].t_post)*1e3;qsort(jl,nf,sizeof*jl,cmpd);if(nf){fj[0]=jl[nf/2];fj[1]=jl[(int)(nf*.95)];}
  double lc=(ru1.ru_utime.tv_sec-ru0.ru_utime.tv_sec)+(ru1.ru_stime.tv_sec-ru0.ru_stime.tv_sec)+1e-6*((ru1.ru_utime.tv_usec-ru0.ru_utime.tv_usec)+(ru1.ru_stime.tv_usec-ru0.ru_stime.tv_usec));
  printf("{\"tag\":\"%s\",\"subs\":%d,\"alive\":%d,\"streams\":%d,\"rooms\":%d,\"secs\":%.2f,\"in_pps\":%.0f,\"fwd_pps\":%.0f,\"fwd\":%lu,\"loss_pct\":%.3f,\"server_cpu_s\":%.2f,\"server_user_s\":%.2f,\"server_sys_s\":%.2f,\"us_per_fwd\":%.3f,\"us_user\":%.3f,\"us_sys\":%.3f,\"server_cores\":%.3f,\"pps_per_core\":%.0f,\"lat_us\":{\"n\":%zu,\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f},\"dec_ok\":%lu,\"dec_err\":%lu,\"pli\":%lu,\"pub_rtcp\":%lu,\"load_cpu_s\":%.2f,\"max_pub_late_ms\":%.1f,\"setup_ms_per_sub\":%.1f,\"join_cpu_ms\":%.2f,\"first_media_ms_p50\":%.0f,\"first_media_ms_p95\":%.0f,\"rss_mb\":%.1f,\"rss_kb\":[%ld,%ld,%ld],\"nack\":{\"asked\":%lu,\"rtx\":%lu,\"plain\":%lu,\"unasked\":%lu,\"p50_ms\":%.2f,\"p99_ms\":%.2f},\"flood\":{\"sent\":%lu,\"back\":%lu,\"back_bytes\":%lu},\"by_layer\":[%lu,%lu,%lu],\"reports_up\":%lu}\n",
   o.tag,nsub,alive,streams,o.rooms,W,(s1-s0)/W,fw/W,fw,exp?100.0*(1-(double)got/exp):0.0,c1-c0,u1-u0,y1-y0,fw?(c1-c0)*1e6/fw:0,fw?(u1-u0)*1e6/fw:0,fw?(y1-y0)*1e6/fw:0,(c1-c0)/W,(c1-c0)>0?fw/(c1-c0):0,nlat,nlat?lat[nlat/2]:0,nlat?lat[(size_t)(nlat*.9)]:0,nlat?lat[(size_t)(nlat*.99)]:0,nlat?lat[(size_t)(nlat*.999)]:0,nlat?lat[nlat-1]:0,d1-d0,e1-e0,pli,rt,lc,maxlate*1e3,nsub?tsetup*1e3/nsub:0,nsub?jc*1e3/nsub:0,fj[0],fj[1],o.spid?rss_kb(o.spid)/1024.0:0,rss0,rss1,rss_all(),asked,by_rtx,by_plain,unasked,nrep?rep[nrep/2]:0,nrep?rep[(size_t)(nrep*.99)]:0,fl.sent,fl.back,fl.bytes,by_layer[0],by_layer[1],by_layer[2],told_up);turn("done");
  for(int i=0;i<nP;i++)if(P[i].location[0]){if(nU)bearer=U[P[i].room%nU][2];http("DELETE",P[i].location,0,0,0,0,0);}
  return 0;
}
